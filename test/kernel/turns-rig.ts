/** Two sandboxes that have one address in turn, each at its own MAC, and whoever speaks with them. */
import { afterAll, expect } from 'vitest';
import type { Endpoint } from '../../src/model/endpoint.ts';
import type { Network } from '../../src/model/network.ts';
import type { Sandbox } from '../../src/model/sandbox.ts';
import { endpoint, modelOf, sandbox } from '../golden/plans/world.ts';
import { openBoxes, reconcilerOn } from './reconcile-rig.ts';
import type { Rig, Where } from './rig.ts';

export interface Resident {
  readonly box: Sandbox;
  readonly end: Endpoint;
}

export interface Turns {
  readonly rig: Rig;
  readonly first: Resident;
  readonly second: Resident;
  /** A third sandbox, which stays. */
  readonly witness: Resident;
  /** What was traced. */
  readonly lines: readonly string[];
  /** The witness and the first one come up; the first is reached from all, and known to all. */
  begin(): Promise<void>;
  /** The first one goes; nobody is told. */
  leave(): Promise<unknown>;
  /** The second one comes up with the address. */
  follow(): Promise<unknown>;
  /** One packet from each to each address must be answered. */
  reach(): void;
  /** MACs that the speakers know the address by, without repetition. */
  known(): readonly unknown[];
}

interface Setting {
  readonly on: Network;
  /** With prefix lengths. */
  readonly addresses: readonly string[];
  readonly witness: readonly string[];
  /** Who speaks with them apart from the witness. */
  readonly speaker: Where;
}

/** Opens boxes; call it where `afterAll` may be called. */
export function openTurns({ on, addresses, witness: witnessAddresses, speaker }: Setting): Turns {
  const { rig, kernel } = openBoxes();
  const live = (name: string, at: readonly string[], mac: string): Resident => {
    const box = sandbox(name, { path: `${rig.path('boxes')}/${name}` });
    const end = endpoint({ network: on, sandbox: box }, { addresses: at, mac });
    return { box, end };
  };
  const witness = live('witness', witnessAddresses, '02:42:00:00:00:99');
  const first = live('first', addresses, '02:42:00:00:00:11');
  const second = live('second', addresses, '02:42:00:00:00:22');
  const model = modelOf({ networks: [on], sandboxes: [witness.box], endpoints: [witness.end] });
  const lines: string[] = [];
  const reconciler = reconcilerOn(kernel, model, rig, lines);
  afterAll(() => reconciler.close());
  const speakers = [speaker, witness.box.path];
  const pairs = speakers.flatMap((from) => addresses.map((to) => [from, to.split('/')[0] ?? to] as const));
  const enter = ({ box, end }: Resident): Promise<number> => {
    model.apply([
      { table: 'sandboxes', put: box },
      { table: 'endpoints', put: end },
    ]);
    return reconciler.convergeSandbox(box.id);
  };
  const reach = (): void => {
    for (const [from, to] of pairs)
      expect(rig.run(from, 'busybox', 'ping', '-c1', '-W1', to)).toContain(' 0% packet loss');
  };
  return {
    rig,
    first,
    second,
    witness,
    lines,
    reach,
    async begin() {
      await reconciler.convergeNetwork(on.id);
      await reconciler.convergeSandbox(witness.box.id);
      await enter(first);
      reach();
    },
    leave() {
      model.apply([
        { table: 'endpoints', remove: first.end.id },
        { table: 'sandboxes', remove: first.box.id },
      ]);
      return reconciler.convergeSandbox(first.box.id);
    },
    follow: () => enter(second),
    known: () => [
      ...new Set(pairs.map(([from, to]) => rig.ip(from, 'neigh', 'show', to)[0]?.lladdr ?? 'nobody')),
    ],
  };
}
