/**
 * Two hosts of a cluster with an overlay network: the rig's `host` and its `outside`, each with records, a kernel and
 * a reconciler of its own. What the cluster's store would pass on is passed on by `share`.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, vi } from 'vitest';
import { tunnelKey } from '../../src/engine/tunnel-key.ts';
import { openKernel } from '../../src/kernel/open.ts';
import type { EndpointSpec } from '../../src/model/endpoint.ts';
import type { Network, NetworkRequest } from '../../src/model/network.ts';
import type { Node } from '../../src/model/node.ts';
import type { Peer } from '../../src/model/peer.ts';
import { openSandbox } from '../../src/model/sandboxes.ts';
import { closeSandbox } from '../../src/model/sharing.ts';
import type { Change } from '../../src/model/tables.ts';
import { createLogger } from '../../src/observe/logger.ts';
import { readFacts } from '../../src/reconcile/facts.ts';
import { createReconciler } from '../../src/reconcile/reconciler.ts';
import { world } from '../model/fixture.ts';
import { firewallBackend, openRig, type Rig, uplink, type Where } from './rig.ts';

const config = {
  ...{ iptables: true, ip6tables: true, ipForward: true, ipForwardNoDrop: false, allowDirectRouting: false },
  bridge: { acceptFwmark: '' },
  firewallBackend,
};

export type Host = ReturnType<typeof openHost>;

/** A running container: how to reach it, and how to end it. */
export interface Running {
  readonly id: string;
  /** Of its namespace. */
  readonly path: string;
  readonly mac: string;
  /** Without prefix length. */
  readonly addresses: readonly string[];
}

function openHost(rig: Rig, id: 'a' | 'b') {
  const folder = mkdtempSync(join(tmpdir(), 'seaway-overlay-'));
  const boxes = rig.path(`boxes-${id}`);
  const where: Where = id === 'a' ? 'host' : 'outside';
  const kernel = openKernel({ namespace: id === 'a' ? rig.host : rig.outside });
  const { model, ...records } = world({ namespaces: boxes });
  const lines: string[] = [];
  const agreed: string[] = [];
  const hasNamespace = (sandbox: string): boolean =>
    readdirSync(boxes).some((name) => sandbox.startsWith(name));
  const keyFile = join(folder, 'key');
  const key = tunnelKey(keyFile);
  const reconciler = createReconciler({
    ...{ kernel, view: model, config, namespacesFolder: boxes, logger: createLogger('fatal') },
    facts: () => readFacts(kernel),
    trace: (line) => lines.push(line),
    follows: (sandbox) => () => agreed.push(`${sandbox} ${hasNamespace(sandbox) ? 'there' : 'gone'}`),
    ownedRulesFile: join(folder, 'rules.json'),
    tunnelKey: () => tunnelKey(keyFile).private,
  });
  afterAll(async () => {
    await reconciler.close();
    // wireguard-go would keep the namespace
    await kernel.host.route.removeLinks([`wg-${id}`]);
    if (existsSync(boxes)) {
      for (const name of readdirSync(boxes)) await kernel.removeNamespace(join(boxes, name));
      rmdirSync(boxes);
    }
    kernel.close();
    rmSync(folder, { recursive: true, force: true });
  });
  let macs = 0;
  const generate = {
    ...records.sandboxContext.generate,
    // names of links are of the first digits, and both hosts draw of their own
    id: () => randomBytes(32).toString('hex'),
    mac: () => `02:0${id}:00:00:00:${(++macs + 0x10).toString(16)}`,
  };
  const context = { ...records.sandboxContext, generate };
  return {
    ...{ id, where, kernel, model, reconciler, lines, agreed, boxes, keyFile, key: key.public },
    /** Makes a network here; the other host is told by `share`. */
    network: (name: string, request: Partial<NetworkRequest>) =>
      records.network(name, { driver: 'overlay', ...request }),
    async run(name: string, network: Network, spec: Partial<EndpointSpec> = {}): Promise<Running> {
      const networks = [records.spec(network.name, spec)];
      const container = records.container(name, { hostConfig: { NetworkMode: network.name }, networks });
      const { sandbox, changes } = openSandbox(model, container, context);
      model.apply(changes);
      await reconciler.convergeSandbox(sandbox.id);
      const [endpoint] = model.endpointsOfSandbox(sandbox.id);
      const addresses = (endpoint?.addresses ?? []).map((address) => address.split('/')[0] ?? '');
      await usable(rig, sandbox.path, addresses);
      return { id: sandbox.id, path: sandbox.path, mac: endpoint?.mac ?? '', addresses };
    },
    async end({ id: sandbox }: Running): Promise<void> {
      const networks = model.endpointsOfSandbox(sandbox).map(({ networkId }) => networkId);
      model.apply(closeSandbox(model, sandbox));
      await reconciler.convergeSandbox(sandbox);
      for (const network of networks) await reconciler.convergeNetwork(network, { sandboxes: false });
    },
    /** Takes over the records of the other host, and makes the kernel agree. */
    async learn(changes: readonly Change[]): Promise<void> {
      model.apply(changes);
      for (const network of model.all('networks'))
        if (network.overlay && model.endpointsOfNetwork(network.id).length > 0)
          await reconciler.convergeNetwork(network.id, { sandboxes: false });
    },
  };
}

/** The kernel takes an IPv6 address for its own some time after it was added (addrconf_dad_work). */
async function usable(rig: Rig, path: string, addresses: readonly string[]): Promise<void> {
  const local = (): string => rig.run(path, 'ip', '-6', 'route', 'show', 'table', 'local');
  for (const address of addresses.filter((one) => one.includes(':')))
    await vi.waitFor(() => expect(local()).toContain(`local ${address} `), { timeout: 10_000, interval: 20 });
}

/** The host takes over what a node says of itself. */
export async function hear({ model, reconciler }: Host, { here: _, ...node }: Node): Promise<void> {
  const { here } = model.get('nodes', node.id) ?? {};
  model.apply([{ table: 'nodes', put: { ...node, ...(here && { here }) } }]);
  for (const network of model.all('networks'))
    if (network.overlay) await reconciler.convergeNetwork(network.id, { sandboxes: false });
}

const nodeOf = ({ id, key }: Pick<Host, 'id' | 'key'>, here: boolean): Node => ({
  ...{ id, name: `host-${id}`, advertise: '', instance: id, mtu: 1500, key },
  data4: id === 'a' ? uplink.address : uplink.outside,
  data6: id === 'a' ? uplink.address6 : uplink.outside6,
  ...(here && { here: true }),
});

/** Call it where `afterAll` may be called. `over`: what the tunnels run over. */
export function openHosts({ over = 4 }: { readonly over?: 4 | 6 } = {}) {
  const rig = openRig();
  const [a, b] = [openHost(rig, 'a'), openHost(rig, 'b')];
  for (const host of [a, b])
    for (const node of [a, b]) {
      const { data4, ...rest } = nodeOf(node, node === host);
      host.model.apply([{ table: 'nodes', put: { ...rest, ...(over === 4 && data4 && { data4 }) } }]);
    }
  const share = async (): Promise<void> => {
    await b.learn(told(a, b));
    await a.learn(told(b, a));
  };
  return { rig, a, b, share };
}

/** What one host would learn of another by the store. */
function told(from: Host, to: Host): readonly Change[] {
  const networks = [...from.model.all('networks')].filter(({ overlay }) => overlay);
  const mine = networks.flatMap(({ id }) => from.model.endpointsOfNetwork(id));
  const gone = [...to.model.all('peers')].filter(({ id }) => !mine.some((endpoint) => endpoint.id === id));
  return [
    ...networks.map((put): Change => ({ table: 'networks', put })),
    ...gone.map(({ id }): Change => ({ table: 'peers', remove: id })),
    ...mine.map((endpoint): Change => {
      const { id, networkId, name, dnsNames, addresses, mac } = endpoint;
      const put: Peer = { id, networkId, name, dnsNames, addresses, mac, nodeId: from.id };
      return { table: 'peers', put };
    }),
  ];
}
