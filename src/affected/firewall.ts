/** Whether the packet filter depends on a change: on networks, published ports, nodes and, in some networks, endpoints. */
import type { Container } from '../model/container.ts';
import { isDrivenElsewhere, isOnHost } from '../model/host-routes.ts';
import type { Network } from '../model/network.ts';
import { type Change, keyOf } from '../model/tables.ts';
import { both, type Step } from './step.ts';

export function concernsFirewall(change: Change, step: Step): boolean {
  const key = 'put' in change ? keyOf(change.table, change.put) : change.remove;
  if (change.table === 'networks')
    return both('networks', key, step).some(
      (network) =>
        isOnHost(step.after.drivers, network) ||
        isDrivenElsewhere(step.after.drivers, network) ||
        network.overlay?.encrypted === true ||
        network.ingress,
    );
  if (change.table === 'nodes') return !sameEnds(key, step) || !sameInMesh(key, step);
  if (change.table === 'endpoints') return endpointCounts(key, step);
  if (change.table === 'sandboxes') return sandboxCounts(key, step);
  return change.table === 'containers' && containerCounts(key, step);
}

/** Where a node's tunnels end, and by which keys. */
export function sameEnds(id: string, { before, after }: Step): boolean {
  const [was, is] = [before, after].map((view) => {
    const { here, data4, data6, key, nextKey, mtu } = view.get('nodes', id) ?? {};
    return JSON.stringify([here, data4, data6, key, nextKey, here && mtu]);
  });
  return was === is;
}

/** What the routing mesh follows from. */
export function sameInMesh(id: string, { before, after }: Step): boolean {
  const [was, is] = [before, after].map((view) => {
    const { number, busyPorts } = view.get('nodes', id) ?? {};
    return JSON.stringify([number, busyPorts]);
  });
  return was === is;
}

function endpointCounts(id: string, step: Step): boolean {
  return both('endpoints', id, step).some(
    ({ networkId, sandboxId }) =>
      both('networks', networkId, step).some((network) => countsEndpoints(network, step)) ||
      both('sandboxes', sandboxId, step).some(({ ports }) => ports.length > 0),
  );
}

/** Whether rules name single endpoints: for legacy links where icc is off, and for open ports of routed networks. */
function countsEndpoints(network: Network, { after }: Step): boolean {
  if (!isOnHost(after.drivers, network)) return false;
  const forwarding = after.drivers.find(network.driver).forwarding?.(network);
  return forwarding !== undefined && (!forwarding.icc || Object.values(forwarding.mode).includes('routed'));
}

function sandboxCounts(id: string, step: Step): boolean {
  const sandboxes = both('sandboxes', id, step);
  return sandboxes.some(({ ports }) => ports.length > 0) || isAmongCounted(id, step);
}

function isAmongCounted(sandboxId: string, step: Step): boolean {
  return [step.before, step.after].some((view) =>
    view
      .endpointsOfSandbox(sandboxId)
      .some(({ networkId }) =>
        both('networks', networkId, step).some((network) => countsEndpoints(network, step)),
      ),
  );
}

/** Rules depend on its name, links, and exposed or published ports. */
function containerCounts(id: string, step: Step): boolean {
  const [was, is] = [step.before.get('containers', id), step.after.get('containers', id)];
  if (was && is && read(was) === read(is)) return false;
  return [step.before, step.after].some((view) => {
    const sandbox = view.sandboxOfContainer(id);
    return sandbox !== undefined && isAmongCounted(sandbox.id, step);
  });
}

const read = ({ name, config, hostConfig, networks }: Container): string =>
  JSON.stringify([name, hostConfig.Links, config.ExposedPorts, hostConfig.PortBindings, networks]);
