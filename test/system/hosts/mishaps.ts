/** What happens to hosts, cables and the store, drawn from a seed. Each mishap is over when its promise resolves. */
import { setTimeout as delay } from 'node:timers/promises';
import { random } from '../turmoil-work.ts';
import { type Host, hasLoss, type World } from './world.ts';

type Draw = ReturnType<typeof random>;

export interface MishapOptions {
  readonly seed: number;
  readonly signal: AbortSignal;
  /** The greatest part of a second that something lasts, times 10,000 (milliseconds). */
  readonly longest: number;
  /** What can happen to the store. */
  readonly toStore: readonly StoreMishap[];
  readonly told: (line: string) => void;
}

export type StoreMishap = 'restart' | 'silence' | 'wipe' | 'save' | 'restore';
type HostMishap = 'kill' | 'reboot' | 'cut' | 'loss' | 'stop';

const toHosts: readonly HostMishap[] = [
  ...(['kill', 'kill', 'cut', 'cut', 'reboot', 'stop'] as const),
  ...(hasLoss ? (['loss'] as const) : []),
];

const one = <T>(draw: Draw, list: readonly T[]): T => list[draw(list.length)] as T;

/** To one host after the other: never to two at once, so that the others show what they see of it. */
export async function troubleHosts(world: World, options: MishapOptions): Promise<void> {
  const draw = random(options.seed);
  while (!options.signal.aborted) {
    await delay(500 + draw(2_000));
    if (options.signal.aborted) return;
    const [host, what, time] = [one(draw, world.hosts), one(draw, toHosts), draw(options.longest)];
    options.told(`host ${host.number}: ${what}, ${time} ms`);
    await befall(world, host, { what, time });
  }
}

async function befall(
  world: World,
  host: Host,
  { what, time }: { readonly what: HostMishap; readonly time: number },
): Promise<void> {
  const { engine } = host;
  if (what === 'kill') await engine.kill();
  if (what === 'stop') await engine.stop();
  if (what === 'reboot') {
    await engine.kill();
    world.powerOff(host);
  }
  if (what === 'cut') world.cable(host, 'down');
  if (what === 'loss') world.loss(host, 40);
  await delay(time);
  if (what === 'cut') world.cable(host, 'up');
  if (what === 'loss') world.loss(host, 0);
  if (!engine.isRunning) await engine.start();
}

export async function troubleStore(world: World, options: MishapOptions): Promise<void> {
  const draw = random(options.seed);
  const { store } = world;
  while (!options.signal.aborted && options.toStore.length > 0) {
    await delay(1_000 + draw(2 * options.longest));
    if (options.signal.aborted) return;
    const [what, time] = [one(draw, options.toStore), draw(options.longest)];
    options.told(`store: ${what}, ${time} ms`);
    if (what === 'silence') await store.stop();
    if (what === 'restart') await store.kill();
    if (what === 'silence' || what === 'restart') await delay(time);
    if (what === 'silence') store.resume();
    if (what === 'restart') await store.start();
    if (what === 'wipe') await store.wipe().then(() => store.start());
    if (what === 'save') await world.save();
    if (what === 'restore') await world.restore();
  }
}
