/**
 * The verbs of the docker CLI: the same lines for Seaway and for real Docker, whose outputs, exit statuses and
 * events differ only where `verbs/reasons.ts` says why.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { run } from './commands.ts';
import { missingDockerd, openDockerPeer } from './docker-peer.ts';
import { openTestEngine } from './engine.ts';
import type { EngineHost } from './engine-host.ts';
import { comparable, type Difference, lineDifferences } from './run-flags/compare.ts';
import { Judge } from './run-flags/judge.ts';
import { eventsOf, life } from './verbs/events.ts';
import { filesAndObjects } from './verbs/files.ts';
import { plugins } from './verbs/plugins.ts';
import { reasons, words } from './verbs/reasons.ts';
import { besideEachOther, type Section } from './verbs/steps.ts';

const missing = missingDockerd();
const skipped = missing === undefined ? '' : ` (skipped: ${missing})`;

const sections: readonly Section[] = [...besideEachOther, ...filesAndObjects, plugins, life];

interface Said {
  readonly status: number;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

const timeWords = /\b(About |Less than )?(a|an|\d+) (second|minute)s?( ago)?/g;

/** A line of a section by one engine, in the section's folder. */
async function say(engine: EngineHost, section: Section, line: string): Promise<Said> {
  const cwd = join(engine.folder, 'verbs', section.name.replace(/\W+/g, '-'));
  mkdirSync(cwd, { recursive: true });
  const said = await run(['sh', '-c', line], { env: { ...engine.env, HOME: cwd }, cwd });
  const lines = (text: string): readonly string[] =>
    comparable(text, [
      [cwd, 'FOLDER'],
      [engine.folder, 'ENGINE'],
    ])
      .replaceAll(timeWords, '<while>')
      .split('\n')
      // the client's own log tells of pipes that were closed too early, or not
      .filter((each) => each.trim() !== '' && !each.startsWith('time='));
  return { status: said.status, stdout: lines(said.stdout), stderr: lines(said.stderr) };
}

/** Lines that one lacks, and else their order. */
function listDifferences(
  docker: readonly string[],
  seaway: readonly string[],
  place: string,
): readonly Difference[] {
  const lines = lineDifferences(docker, seaway, place);
  if (lines.length > 0 || docker.join('\n') === seaway.join('\n')) return lines;
  return [{ place: `${place} in order`, docker: docker.join('\n'), seaway: seaway.join('\n') }];
}

function compare(docker: Said, seaway: Said): readonly Difference[] {
  const status = { place: 'status', docker: String(docker.status), seaway: String(seaway.status) };
  return [
    ...(docker.status === seaway.status ? [] : [status]),
    ...listDifferences(docker.stdout, seaway.stdout, 'stdout'),
    ...listDifferences(docker.stderr, seaway.stderr, 'stderr'),
  ];
}

describe.skipIf(missing !== undefined)(`the verbs beside Docker${skipped}`, () => {
  const docker = openDockerPeer();
  const seaway = openTestEngine();
  const judge = new Judge(words, reasons);
  const results = new Map<string, readonly Difference[]>();
  const events = new Map<string, readonly Difference[]>();
  const nameOf = (section: Section, at: number): string => `${section.name} ${at + 1}: ${section.lines[at]}`;

  async function runSection(section: Section): Promise<void> {
    for (const [at, line] of section.lines.entries()) {
      const said = await Promise.all([docker, seaway].map((engine) => say(engine, section, line)));
      const [theirs, ours] = said as [Said, Said];
      const name = nameOf(section, at);
      results.set(name, judge.unexplained(name, compare(judge.reworded(theirs), ours)));
    }
  }

  async function runEvents(): Promise<void> {
    const since = Date.now();
    await runSection(life);
    const time = { since, until: Date.now() };
    const [theirs, ours] = await Promise.all([docker, seaway].map((engine) => eventsOf(engine, time)));
    for (const type of ['container', 'image', 'network', 'volume']) {
      const [docker, seaway] = [theirs, ours].map((events) => events?.[type] ?? []) as [string[], string[]];
      const place = `events of ${type}s`;
      // whether a container has stopped or died first is chance in Docker
      const inOrder = (lines: readonly string[]): readonly string[] =>
        lines.filter((line) => !line.startsWith('container stop '));
      const all = [
        ...lineDifferences(docker, seaway, place),
        ...listDifferences(inOrder(docker), inOrder(seaway), place),
      ];
      events.set(type, judge.unexplained('events', all));
    }
  }

  beforeAll(async () => {
    const [beside, alone] = [false, true].map((is) =>
      sections.filter((section) => section !== life && (section.alone === true) === is),
    );
    const queue = [...(beside ?? [])];
    const lane = async (): Promise<void> => {
      for (let next = queue.shift(); next; next = queue.shift()) await runSection(next);
    };
    await Promise.all([lane(), lane(), lane()]);
    for (const section of alone ?? []) await runSection(section);
    await runEvents();
  }, 1_200_000);

  for (const section of sections)
    describe(section.name, () => {
      for (const at of section.lines.keys())
        test(nameOf(section, at), () => expect(results.get(nameOf(section, at))).toEqual([]));
    });

  test.each(['container', 'image', 'network', 'volume'])('events of %ss', (type) => {
    expect(events.get(type)).toEqual([]);
  });

  test('every reason and every newer wording is still met', () => expect(judge.unused()).toEqual([]));
});
