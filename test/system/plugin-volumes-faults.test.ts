/**
 * Every call of a volume plugin fails in every way. Meanwhile other requests are answered; afterwards all can be removed,
 * and nothing is left at either side. `SEAWAY_FAULTS=all` for all of them.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Fault, faultKinds } from '../plugins/plugin-server.ts';
import { type VolumePlugin, volumePlugin } from '../plugins/volume-plugin.ts';
import { openTestEngine } from './engine.ts';

const folder = mkdtempSync(join(tmpdir(), 'volume-faults-'));
const engine = openTestEngine({ flags: ['--plugin-folder', folder, '--plugin-timeout', '1'] });
const waiting = { timeout: 30_000, interval: 100 };

type Kind = Fault | 'engine killed';

const methods = [
  'Plugin.Activate',
  ...['Capabilities', 'Create', 'Get', 'List', 'Mount', 'Unmount', 'Remove'].map((m) => `VolumeDriver.${m}`),
];
const kinds: readonly Kind[] = [...faultKinds, 'late', 'engine killed'];
const all = methods.flatMap((method) => kinds.map((kind) => [method, kind] as const));
/** In CI: what leaves most behind, and every kind and call at least once. */
const sample: readonly (readonly [string, Kind])[] = [
  ['Plugin.Activate', 'hang'],
  ['VolumeDriver.Capabilities', 'garbage'],
  ['VolumeDriver.Create', 'late'],
  ['VolumeDriver.Get', 'cut'],
  ['VolumeDriver.List', 'huge'],
  ['VolumeDriver.Mount', 'late'],
  ['VolumeDriver.Mount', 'engine killed'],
  ['VolumeDriver.Unmount', 'killed'],
  ['VolumeDriver.Remove', 'half'],
];

interface Case {
  readonly method: string;
  readonly kind: Kind;
  /** Of driver, container and volume. */
  readonly name: string;
  readonly plugin: VolumePlugin;
}

/** Milliseconds within which half of some answers came: a busy machine makes single ones slow. */
async function halfOfOthers(): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count < 20; count++) {
    const before = performance.now();
    await engine.api('GET', count % 2 === 0 ? '/containers/json' : '/networks');
    times.push(performance.now() - before);
  }
  return times.toSorted((a, b) => a - b)[times.length / 2] ?? 0;
}

/** A life of a container with a volume; each step may fail. */
async function live(name: string): Promise<void> {
  const json = {
    Image: 'busybox',
    Cmd: ['sleep', '1000'],
    HostConfig: { VolumeDriver: name, Binds: [`${name}:/x`] },
  };
  await engine.api('POST', `/containers/create?name=${name}`, { json });
  await engine.api('POST', `/containers/${name}/start`);
  await engine.api('GET', '/volumes');
  await engine.api('DELETE', `/containers/${name}?force=1`);
  await engine.api('DELETE', `/volumes/${name}`);
}

const isAsked = ({ plugin, method }: Case): Promise<void> =>
  vi.waitFor(() => expect(plugin.server.methods()).toContain(method), waiting);

/** Answers with the milliseconds that other requests took meanwhile. */
async function fail(one: Case): Promise<number> {
  const { plugin, method, kind, name } = one;
  plugin.server.faults.set(method, kind === 'engine killed' ? 'hang' : kind);
  const life = live(name).catch((error: unknown) => {
    if (kind !== 'engine killed') throw error;
  });
  // a step before may have failed already
  await Promise.race([isAsked(one), life]);
  const others = kind === 'engine killed' ? 0 : await halfOfOthers();
  if (kind === 'engine killed') await engine.kill();
  await life;
  plugin.server.faults.clear();
  if (kind === 'killed') await plugin.server.start();
  if (kind === 'engine killed') await engine.start();
  return others;
}

const volumes = async (): Promise<readonly string[]> => {
  const { json } = await engine.api('GET', '/volumes');
  const { Volumes } = json as { readonly Volumes: readonly { readonly Name: string }[] };
  return Volumes.map(({ Name }) => Name);
};

/** As a user would clean up. */
async function cleanUp(name: string): Promise<void> {
  const removed = await engine.api('DELETE', `/containers/${name}?force=1`);
  expect([204, 404]).toContain(removed.status);
  for (const volume of await volumes()) {
    const { status, text } = await engine.api('DELETE', `/volumes/${volume}`);
    expect([status, text]).toEqual([204, '']);
  }
  expect(await volumes()).toEqual([]);
}

describe('a call of a volume plugin that fails leaves nothing', () => {
  let count = 0;

  beforeAll(() => engine.docker('run', '--rm', 'busybox', 'true'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(process.env.SEAWAY_FAULTS === 'all' ? all : sample)('%s: %s', async (method, kind) => {
    const name = `case${++count}`;
    const plugin = volumePlugin({ path: join(folder, `${name}.sock`), folder: join(folder, name) });
    await plugin.server.start();
    try {
      const others = await fail({ method, kind, name, plugin });
      await cleanUp(name);
      await vi.waitFor(() => expect([...plugin.state.values()]).toEqual([]), waiting);
      await vi.waitFor(async () => {
        const { json } = await engine.api('GET', '/info');
        expect(json).not.toHaveProperty('Degraded');
      }, waiting);
      expect(others).toBeLessThan(100);
    } finally {
      await plugin.server.stop();
      // what this case has left is not the next one's
      for (const volume of await volumes()) await engine.api('DELETE', `/volumes/${volume}?force=1`);
    }
  });
});
