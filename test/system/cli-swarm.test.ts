/** Swarm commands of `seaway` beside docker's: what both ask of an engine, and what they print. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { swarmGroups } from '../../src/cli/swarm-entries.ts';
import { entries, namesOf } from '../../src/cli/tree.ts';
import { missingClient, type Outcome, run, wordsOf } from './cli-harness.ts';
import { type RecordingEngine, recordingEngine } from './cli-swarm/engine.ts';
import { runHere } from './cli-swarm/in-process.ts';
import { lines } from './cli-swarm/lines.ts';
import { meaningOf } from './cli-swarm/meaning.ts';
import { files, stackLines } from './cli-swarm/stacks.ts';

const missing = missingClient();
const title = 'swarm commands of seaway beside docker’s';

interface Observed extends Outcome {
  readonly requests: readonly unknown[];
}

/** Lines that a wait prints at each look are compared once; docker's program goes by another name. */
function shown(text: string): string {
  const kept: string[] = [];
  for (const line of text.replaceAll('docker', 'seaway').split('\n')) {
    const isProgress = /^(overall progress|job progress|active tasks|verify|\d+\/\d+): /.test(line);
    if (!isProgress || !kept.includes(line)) kept.push(line);
  }
  return kept.join('\n');
}

/** The path of a request, and the name of what it makes. */
const placeOf = (request: unknown): string => {
  const { path, body } = request as { readonly path: string; readonly body?: { readonly Name?: string } };
  return `${path} ${body?.Name ?? ''}`;
};

const sorted = ({ requests, stdout, ...rest }: Observed): Observed => ({
  ...rest,
  requests: [...requests].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1)),
  stdout: stdout.split('\n').sort().join('\n'),
});

describe.skipIf(missing !== undefined)(
  missing === undefined ? title : `${title} (skipped: ${missing})`,
  () => {
    let folder = '';
    const listening: Server[] = [];

    /** An engine for each program, so that both can run at once. */
    async function engineAt(name: string): Promise<{ engine: RecordingEngine; host: string }> {
      const engine = recordingEngine();
      listening.push(engine.server);
      const path = join(folder, name);
      await new Promise<void>((resolve) => engine.server.listen(path, resolve));
      return { engine, host: `unix://${path}` };
    }

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'seaway-cli-swarm-'));
      for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    });

    afterAll(async () => {
      for (const server of listening) server.close();
      if (folder !== '') await rm(folder, { recursive: true, force: true });
    });

    it('info of a swarm', async () => {
      const { host } = await engineAt('info');
      const part = ({ stdout }: Outcome): string => /^ Swarm: .*\n(?: {2}.*\n)*/m.exec(stdout)?.[0] ?? '';
      const theirs = await run('docker', ['info'], { host });
      const ours = await runHere(['info'], { host });
      expect(part(theirs)).toContain('Node Address');
      expect(part(ours)).toBe(part(theirs));
    });

    // docker has no `swarm status`
    const commands = entries.filter(
      ({ path }) => Object.hasOwn(swarmGroups, path[0] ?? '') && path.join(' ') !== 'swarm status',
    );
    it.concurrent.each(commands)('the names and flags of $path', async (entry) => {
      const { command } = await entry.load();
      const { stdout } = await run('docker', [...entry.path, '--help'], { host: 'unix:///nonexistent' });
      const flag = /^ {2}(?:-(\w), | {4})--([\w-]+)(?: (\S+))?/gm;
      const theirs = [...stdout.matchAll(flag)].map(([, short, name, label]) => ({ short, name, label }));
      const ours = Object.values(command.flags).map(({ short, name, kind }) => ({
        ...{ short, name },
        label: kind.label === '' ? undefined : kind.label,
      }));
      const order = (one: { name?: string }, other: { name?: string }): number =>
        (one.name ?? '') < (other.name ?? '') ? -1 : 1;
      expect(ours.sort(order)).toEqual(theirs.sort(order));
      const aliases = /^Aliases:\n {2}(.*)$/m.exec(stdout)?.[1] ?? `docker ${entry.path.join(' ')}`;
      expect(namesOf(entry).map((name) => `docker ${name}`)).toEqual(aliases.split(', '));
      expect(stdout).toContain(`\n${entry.summary}\n`);
    });

    it.concurrent.each([...lines, ...stackLines].map((line, at) => ({ line, at })))(
      '$line',
      async ({ line, at }) => {
        const words = wordsOf(line.replaceAll('%d', folder));
        const observe = async (name: string, call: (host: string) => Promise<Outcome>): Promise<Observed> => {
          const { engine, host } = await engineAt(`${name}${at}`);
          const { status, stdout, stderr } = await call(host);
          return {
            status,
            stdout: shown(stdout),
            stderr: shown(stderr),
            requests: meaningOf(engine.requests),
          };
        };
        const input = 'from standard input';
        const theirs = await observe('docker', (host) => run('docker', words, { host, input }));
        const ours = await observe('seaway', (host) => runHere(words, { host, input }));
        // docker goes through a stack's objects in any order.
        const order = line.startsWith('stack deploy') ? sorted : (each: Observed) => each;
        expect(order(ours)).toEqual(order(theirs));
      },
    );
  },
);
