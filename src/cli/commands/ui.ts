import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { intFlag, switchFlag } from '../flags/flag.ts';

export const command = defineCommand({
  flags: {
    write: switchFlag('write', 'The page may also start, stop, connect and publish'),
    port: intFlag('port', 'Port of 127.0.0.1 (default: any that is free)'),
    noBrowser: switchFlag('no-browser', 'Only print the link'),
  },
  async run({ flags, context }) {
    const engine = await context.engine();
    const { Url: url } = await engine.json<{ readonly Url: string }>('POST', '/seaway/page', {
      json: { Port: flags.port, Write: flags.write },
    });
    await context.print(`${url}\n`);
    context.complain(
      `${flags.write ? 'Whoever has this link may change things.' : 'The page only reads.'} The link ends when it has not been used for ten minutes.`,
    );
    if (engine.transport.address.kind === 'tcp')
      context.complain("It leads to the engine's host: from elsewhere forward its port (ssh -L).");
    else if (!flags.noBrowser && hasDisplay(context.env)) await openBrowser(url, context);
  },
});

const hasDisplay = ({ DISPLAY = '', WAYLAND_DISPLAY = '' }: Context['env']): boolean =>
  DISPLAY !== '' || WAYLAND_DISPLAY !== '';

/** Milliseconds that a browser is given to read the file. */
const patience = 10_000;

/** The link is not among the words of a process, which every user of the host can read: a file leads to it. */
async function openBrowser(url: string, context: Context): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'seaway-ui-'));
  try {
    const file = join(folder, 'open.html');
    await writeFile(file, `<!doctype html><meta http-equiv="refresh" content="0; url=${url}">`, {
      mode: 0o600,
    });
    const late = new AbortController();
    const child = spawn('xdg-open', [file], { stdio: 'ignore', detached: true });
    child.unref();
    child.once('error', (error) => {
      context.complain(`no browser was opened: ${error.message}`);
      late.abort();
    });
    await delay(patience, undefined, { signal: late.signal }).catch(() => undefined);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
