/** Networks with very many endpoints: sandboxes opened by the transitions of the model, without containers. */
import { randomBytes } from 'node:crypto';
import type { Kernel } from '../../src/kernel/kernel.ts';
import { blankEndpointSpec as spec } from '../../src/model/blank.ts';
import type { HostConfig } from '../../src/model/container.ts';
import type { Endpoint } from '../../src/model/endpoint.ts';
import type { Generators } from '../../src/model/generators.ts';
import type { Model } from '../../src/model/memory.ts';
import type { Network } from '../../src/model/network.ts';
import type { Sandbox } from '../../src/model/sandbox.ts';
import { openSandbox } from '../../src/model/sandboxes.ts';
import { closeSandbox } from '../../src/model/sharing.ts';
import type { Facts } from '../../src/objects/object.ts';
import { readFacts } from '../../src/reconcile/facts.ts';
import type { Reconciler } from '../../src/reconcile/reconciler.ts';
import { world } from '../model/fixture.ts';
import { reconcilerOn } from './reconcile-rig.ts';
import type { Rig } from './rig.ts';

export interface Member {
  readonly name: string;
  readonly sandbox: Sandbox;
  readonly endpoint: Endpoint;
  /** IPv4, without prefix length. */
  readonly address: string;
  /** Until the kernel agreed, by the clock, and of the thread's own time, which a busy machine does not change. */
  readonly milliseconds: number;
  readonly worked: number;
}

export interface Crowd {
  readonly network: Network;
  readonly reconciler: Reconciler;
  readonly model: Model;
  /** A sandbox on the network, converged; `port` is published as 80 inside. */
  open(name: string, port?: number): Promise<Member>;
  close(member: Member): Promise<void>;
  /** Endpoints that are on record only, and so fill the place that `like` has. */
  fill(count: number, like?: Endpoint): void;
  /** Takes the network and all that is on it away. */
  clear(): Promise<void>;
}

export interface CrowdOptions {
  readonly rig: Rig;
  readonly kernel: Kernel;
  readonly name: string;
  readonly subnets: readonly string[];
  readonly options?: Readonly<Record<string, string>>;
  readonly facts?: Partial<Facts>;
}

const hex = (bytes: number): string => randomBytes(bytes).toString('hex');
const mac = (): string => ['02', ...(hex(5).match(/../g) ?? [])].join(':');

export async function gather(options: CrowdOptions): Promise<Crowd> {
  const { rig, kernel, name, subnets } = options;
  const here = world();
  const { model } = here;
  const generate: Generators = { ...here.sandboxContext.generate, id: () => hex(32), mac };
  const base = here.network(name, {
    options: options.options ?? {},
    enableIPv6: subnets.some((subnet) => subnet.includes(':')),
    ipam: { driver: '', options: {}, pools: subnets.map((subnet) => ({ subnet, auxAddresses: {} })) },
  });
  // an id as real ones are: names of links follow from it
  const id = generate.id();
  const network: Network = { ...base, id, link: `br-${id.slice(0, 12)}` };
  model.apply([
    { table: 'networks', remove: base.id },
    { table: 'networks', put: network },
  ]);
  const facts = () => ({ ...readFacts(kernel), ...options.facts });
  const reconciler = reconcilerOn(kernel, model, rig, [], facts);
  await reconciler.convergeNetwork(network.id);
  const context = {
    ...here.sandboxContext,
    generate,
    namespacePath: (sandboxId: string) => `${rig.path('boxes')}/${sandboxId.slice(0, 12)}`,
  };
  const members = new Map<string, Member>();
  const close = async ({ sandbox }: Pick<Member, 'sandbox'>): Promise<void> => {
    members.delete(sandbox.id);
    model.apply(closeSandbox(model, sandbox.id));
    await reconciler.convergeSandbox(sandbox.id);
    await reconciler.convergeNetwork(network.id, { sandboxes: false });
  };
  return {
    network,
    reconciler,
    model,
    close,
    async open(of, port) {
      const PortBindings: HostConfig['PortBindings'] =
        port === undefined ? {} : { '80/tcp': [{ HostPort: String(port) }] };
      const container =
        model.containerByName(of) ??
        here.container(of, { hostConfig: { NetworkMode: name, PortBindings }, networks: [spec(name)] });
      const { sandbox, changes } = openSandbox(model, container, context);
      model.apply(changes);
      const before = process.threadCpuUsage();
      const start = performance.now();
      await reconciler.convergeSandbox(sandbox.id);
      const milliseconds = performance.now() - start;
      const { user, system } = process.threadCpuUsage(before);
      const [endpoint] = model.endpointsOfSandbox(sandbox.id);
      if (!endpoint) throw new Error(`${of} has no endpoint`);
      const address = endpoint.addresses[0]?.split('/')[0] ?? '';
      const member = { name: of, sandbox, endpoint, address, milliseconds, worked: (user + system) / 1000 };
      members.set(sandbox.id, member);
      return member;
    },
    fill(count, like) {
      for (let i = 0; i < count; i++) model.apply([{ table: 'endpoints', put: ghost(network, like) }]);
    },
    async clear() {
      // many at once, as an engine does that closes down
      await Promise.all([...members.values()].map(close));
      for (const endpoint of model.endpointsOfNetwork(network.id))
        model.apply([{ table: 'endpoints', remove: endpoint.id }]);
      model.apply([{ table: 'networks', remove: network.id }]);
      await reconciler.convergeNetwork(network.id);
    },
  };
}

const ghost = (network: Network, like: Endpoint | undefined): Endpoint => ({
  id: hex(32),
  networkId: network.id,
  sandboxId: 'ghosts',
  containerId: '',
  name: '',
  ifname: '',
  hostLink: '',
  ...(like?.fanout === undefined ? {} : { fanout: like.fanout }),
  mac: '',
  addresses: [],
  dnsNames: [],
  order: 0,
  spec: spec(network.name),
});
