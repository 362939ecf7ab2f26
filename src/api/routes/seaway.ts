/**
 * `/seaway`: what Docker's API has no place for. The hosts of a cluster, namespaces that the engine did not make on its
 * networks, and a comparison of records and kernel.
 */
import type { NodeDetail } from '../../engine/cluster-verbs.ts';
import type { NamespaceDetail } from '../../engine/namespace-verbs.ts';
import { fail } from '../../errors.ts';
import { parseUnwanted } from '../../model/port-ranges.ts';
import { type PortSpec, specsOf } from '../../model/port-specs.ts';
import { readPolicy } from '../../model/publish-policy.ts';
import { rateText } from '../../net/rate.ts';
import { endpointSpec } from '../create/endpoints.ts';
import { portBindings } from '../create/host-config.ts';
import { presentComparison } from '../presenters/compare.ts';
import { addressOf } from '../presenters/endpoint.ts';
import { presentExamination } from '../presenters/examination.ts';
import { presentExplanation } from '../presenters/explain.ts';
import { presentPorts } from '../presenters/published-ports.ts';
import { presentSwarmState } from '../presenters/swarm-state.ts';

import { created, empty, json, param, post, type Route, route } from '../route.ts';
import {
  namespaceConnect,
  namespaceDisconnect,
  portsAdd,
  portsRemove,
  rateChange,
} from '../schemas/seaway.ts';
import { newestMinor } from '../version.ts';
import { captureRoutes } from './capture.ts';
import { mapRoutes } from './map.ts';
import { policyRoutes } from './policies.ts';
import { traceRoutes } from './trace.ts';

function presentNamespace({ sandbox, attachments, resolvConf }: NamespaceDetail): object {
  const cidr = (address: ReturnType<typeof addressOf>): string =>
    address ? `${address.ip}/${address.prefix}` : '';
  return {
    Namespace: sandbox.path,
    SandboxID: sandbox.id,
    ResolvConf: resolvConf,
    Networks: Object.fromEntries(
      attachments.map(({ endpoint, network }) => [
        network?.name ?? endpoint.networkId,
        {
          Name: endpoint.name,
          NetworkID: endpoint.networkId,
          EndpointID: endpoint.id,
          Interface: endpoint.ifname,
          MacAddress: endpoint.mac,
          IPv4Address: cidr(addressOf(endpoint, 4)),
          IPv6Address: cidr(addressOf(endpoint, 6)),
          DNSNames: endpoint.dnsNames,
        },
      ]),
    ),
  };
}

const presentNode = ({ node, endpoints }: NodeDetail): object => ({
  ID: node.id,
  Name: node.name,
  Status: node.here ? 'here' : node.lost ? 'lost' : 'ready',
  Advertise: node.advertise,
  DataAddresses: [node.data4, node.data6].filter((address) => address !== undefined),
  MTU: node.mtu,
  Endpoints: endpoints,
});

function withPolicy(specs: readonly PortSpec[], text = ''): readonly PortSpec[] {
  const Policy = readPolicy(text === '' ? undefined : text);
  return Policy ? specs.map((spec) => ({ ...spec, binding: { ...spec.binding, Policy } })) : specs;
}

export const seawayRoutes: readonly Route[] = [
  ...traceRoutes,
  ...policyRoutes,
  ...captureRoutes,
  ...mapRoutes,
  route('GET', '/seaway/namespaces', ({ engine }) => json(engine.namespaces.list().map(presentNamespace))),
  route('GET', '/seaway/swarm', async ({ engine }) => json(presentSwarmState(await engine.swarm.state()))),
  route('GET', '/seaway/cluster/nodes', ({ engine }) => json(engine.cluster.nodes().map(presentNode))),
  route('DELETE', '/seaway/cluster/nodes/:id', async (call) => {
    await call.engine.cluster.forget(param(call, 'id'));
    return empty(204);
  }),
  route('GET', '/seaway/compare', async ({ engine }) =>
    json(presentComparison(await engine.system.compare())),
  ),
  route('GET', '/seaway/ports', async ({ engine }) => json((await engine.ports.list()).map(presentPorts))),
  route('GET', '/seaway/containers/:id/ports', async (call) =>
    json((await call.engine.ports.list(param(call, 'id'))).map(presentPorts)[0]),
  ),
  post('/seaway/containers/:id/ports/add', portsAdd, async (call) => {
    const specs = withPolicy(specsOf(portBindings(call.body.PortBindings)), call.body.Policy);
    if (specs.length === 0) throw fail('BAD_REQUEST', 'no port is given');
    return created(presentPorts(await call.engine.ports.add(param(call, 'id'), specs)));
  }),
  post('/seaway/containers/:id/ports/remove', portsRemove, async (call) => {
    const ports = (call.body.Ports ?? []).map(parseUnwanted);
    if (ports.length === 0) throw fail('BAD_REQUEST', 'no port is given');
    await call.engine.ports.remove(param(call, 'id'), ports);
    return empty(204);
  }),
  route('GET', '/seaway/doctor', async ({ engine }) =>
    json(presentExamination(await engine.system.examine({ fix: false }))),
  ),
  route('POST', '/seaway/doctor/fix', async ({ engine }) =>
    json(presentExamination(await engine.system.examine({ fix: true }))),
  ),
  route('GET', '/seaway/explain', async ({ engine, query }) =>
    json(
      presentExplanation(
        await engine.system.explain({
          ...{ from: query.text('from'), to: query.text('to') },
          texts: query.flag('texts'),
        }),
      ),
    ),
  ),
  post('/seaway/networks/:id/connect', namespaceConnect, async (call) => {
    const { Namespace: path = '', Name: name = '', EndpointConfig: settings = {} } = call.body;
    const spec = endpointSpec(settings, newestMinor);
    const detail = await call.engine.namespaces.connect(param(call, 'id'), { path, name, spec });
    return created(presentNamespace(detail));
  }),
  post('/seaway/networks/:id/rate', rateChange, async (call) => {
    const { Container: container = '', Egress: egress, Ingress: ingress } = call.body;
    const asked = { ...(egress !== undefined && { egress }), ...(ingress !== undefined && { ingress }) };
    const rates = await call.engine.networks.rate(param(call, 'id'), container, asked);
    const textOf = (rate: number | undefined): string => (rate === undefined ? '' : rateText(rate));
    return json({ Egress: textOf(rates.egress), Ingress: textOf(rates.ingress) });
  }),
  post('/seaway/networks/:id/disconnect', namespaceDisconnect, async (call) => {
    const { Namespace: path = '', Name: name = '' } = call.body;
    if (path === '' && name === '') throw fail('BAD_REQUEST', 'a namespace or a name must be given');
    await call.engine.namespaces.disconnect(param(call, 'id'), { path, name });
    return empty(200);
  }),
];
