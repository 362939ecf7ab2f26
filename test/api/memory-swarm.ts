/** The verbs of swarm mode over records in memory: of a node in no swarm, or of its one manager. */
import { objectVerbs } from '../../src/engine/swarm/object-verbs.ts';
import { Swarm as Membership } from '../../src/engine/swarm/swarm.ts';
import type { SwarmVerbs } from '../../src/engine/swarm-verbs.ts';
import { fail } from '../../src/errors.ts';
import type { Container } from '../../src/model/container.ts';
import type { LogOptions } from '../../src/runtime/runtime.ts';
import type { ManagerLink, SwarmStore } from '../../src/swarm/access.ts';
import { countingGenerators, world } from '../model/fixture.ts';
import type { Swarm } from '../swarm/fixture.ts';

/** The records as a manager's store. */
export const storeOf = (records: Swarm): SwarmStore => ({
  view: records.view,
  transact: async (transition) => records.commit(transition),
  onChange: (listener) => {
    records.listeners.push(listener);
    return () => records.listeners.splice(records.listeners.indexOf(listener), 1);
  },
});

const link: ManagerLink = {
  onAssignments: () => undefined,
  report: () => undefined,
  acknowledge: () => undefined,
  describe: () => undefined,
  attach: async () => {
    throw fail('NOT_SUPPORTED', 'attaching');
  },
  detach: () => undefined,
  rename: async () => undefined,
  serveLogs: () => undefined,
};

const tls = { trustRoot: 'PEM', issuerSubject: 'c3ViamVjdA==', issuerPublicKey: 'a2V5' };

export interface MemorySwarmOptions {
  /** Of the manager; absent: this node is in no swarm. */
  readonly records?: Swarm;
  /** Id of the manager's node. */
  readonly nodeId?: string;
  /** What was asked, a line per verb. */
  readonly calls: string[];
  readonly containers?: readonly Container[];
  readonly logs?: (container: Container, options: LogOptions) => AsyncIterable<Buffer>;
}

function membershipOf({ records, nodeId = 'node' }: MemorySwarmOptions): Membership {
  const membership = new Membership();
  if (!records) return membership;
  const address = '192.0.2.1';
  membership.enter({
    standing: () => ({
      ...{ state: 'active', nodeId, address, isManager: true, error: '', warnings: [] },
      managers: [{ nodeId, address: `${address}:2377` }],
    }),
    ...{ link, store: storeOf(records) },
    close: async () => undefined,
  });
  return membership;
}

export function memorySwarm(options: MemorySwarmOptions): SwarmVerbs {
  const { records, calls } = options;
  const swarm = membershipOf(options);
  const { model } = world();
  for (const put of options.containers ?? []) model.apply([{ table: 'containers', put }]);
  const clusterOf = () => {
    const [cluster] = swarm.store().view.all('cluster');
    if (!cluster) throw fail('SWARM_PREPARING');
    return cluster;
  };
  const noted = async (what: string, value: unknown): Promise<void> => {
    calls.push(`${what} ${JSON.stringify(value)}`);
  };
  return {
    standing: () => swarm.standing(),
    checkManager: () => void swarm.store(),
    counts: () =>
      records && { nodes: [...records.view.all('nodes')].length, managers: 1, cluster: clusterOf() },
    init: async (request) => {
      await noted('swarm init', request);
      return 'nodeid';
    },
    join: (request) => noted('swarm join', request),
    leave: async (request) => {
      if (!records) throw fail('NOT_IN_SWARM');
      await noted('swarm leave', request);
    },
    inspect: () => ({ cluster: clusterOf(), tokens: { worker: 'W', manager: 'M' }, tls }),
    update: (spec, change) => noted('swarm update', { spec, ...change }),
    unlockKey: () => {
      swarm.store();
      return '';
    },
    unlock: (key) => noted('swarm unlock', key),
    ...objectVerbs({
      ...{ swarm, model, generate: countingGenerators() },
      runtime: { logs: options.logs ?? async function* () {} },
    }),
  };
}
