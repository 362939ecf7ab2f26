/**
 * What network and IPAM drivers are asked, in which order and with which fields, is what Docker 28.5 asks: its calls are
 * kept in `plugins-calls/docker-28.txt`, and are compared with Docker's own where a Docker of that version is there.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { networkPlugin } from '../plugins/network-plugin.ts';
import { missingDockerd, openDockerPeer, peerMajor } from './docker-peer.ts';
import { openTestEngine, projectFolder } from './engine.ts';
import type { EngineHost } from './engine-host.ts';
import { callsOf, errorOf } from './plugins-calls/normalise.ts';
import { expectedOf } from './plugins-calls/reasons.ts';
import { commands } from './plugins-calls/scenario.ts';

const kept = join(projectFolder, 'test/system/plugins-calls/docker-28.txt');
const name = `calls${process.pid}`;

/** Runs the commands; answers with each command and the calls that it led to. */
async function record(engine: EngineHost, path: string): Promise<string> {
  const plugin = networkPlugin({ path, ip: (...args) => void engine.rig.run('host', 'ip', ...args) });
  await plugin.server.start();
  const lines: string[] = [];
  const ids = new Map<string, string>();
  try {
    for (const command of commands) {
      const before = plugin.server.calls.length;
      const words = command.split(' ').map((word) => (word === 'PLUGIN' ? name : word));
      const { status, stderr } = await engine.tryDocker(words);
      lines.push(`docker ${command}`, ...(status === 0 ? [] : [`  ! ${errorOf(stderr)}`]));
      lines.push(...callsOf(plugin.server.calls.slice(before), ids));
    }
  } finally {
    await plugin.server.stop();
  }
  return `${lines.join('\n')}\n`.replaceAll(name, 'PLUGIN');
}

describe('calls of a network and IPAM driver', { timeout: 240_000 }, () => {
  const engine = openTestEngine({ idle: true });
  const folder = join(engine.folder, 'plugins');
  beforeAll(() => engine.start(['--plugin-folder', folder]));

  test('are those of Docker 28.5, except for what has a reason', async () => {
    const calls = await record(engine, join(folder, `${name}.sock`));
    expect(calls).toBe(expectedOf(readFileSync(kept, 'utf8')));
  });
});

/** How often Docker asks for the same information in a row is chance. */
const once = (calls: string): string =>
  calls.replaceAll(/(\n {2}NetworkDriver\.EndpointOperInfo .*)\1+/g, '$1');

const missing = missingDockerd() ?? (peerMajor === 28 ? undefined : 'Docker 28 is not unpacked');
describe.skipIf(missing !== undefined)(
  `Docker${missing ? ` (skipped: ${missing})` : ''}`,
  { timeout: 240_000 },
  () => {
    const peer = openDockerPeer();

    test('asks what is kept', async () => {
      const socket = join(peer.folder, 'calls.sock');
      writeFileSync(join(peer.pluginFolder, `${name}.spec`), `unix://${socket}`);
      const calls = await record(peer, socket);
      if (process.env.UPDATE_GOLDEN === '1') writeFileSync(kept, calls);
      expect(once(existsSync(kept) ? readFileSync(kept, 'utf8') : '')).toBe(once(calls));
    });
  },
);
