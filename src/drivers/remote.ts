/**
 * Networks of plugins: the plugin makes the links and answers what an endpoint gets. The plan follows from its
 * recorded answers; `asking` makes the calls.
 */
import { fail } from '../errors.ts';
import type { Asking, Driver, EndpointInput } from '../model/driver.ts';
import type { EndpointAnswers } from '../model/endpoint.ts';
import type { AdoptedLink, KernelObject, RouteObject } from '../objects/object.ts';
import { adoptedOwner } from '../objects/owner.ts';
import { planInside } from './inside.ts';
import { nothingThere } from './nothing.ts';

/** `name` is the plugin's. Without `asking` its networks can be planned but not created. */
export const remoteDriver = (name: string, asking?: Asking): Driver => ({
  ...nothingThere,
  name,
  scope: 'local',
  singleInstance: false,
  needsAddresses: true,
  hasInterfaces: true,
  sharesHost: false,
  sharesLink: false,
  ...(asking && { asking }),
  // the plugin validates its options itself
  validate() {
    if (!asking) throw fail('PLUGIN_NOT_FOUND', name);
  },
  wantsGateway: () => true,
  leadsOut: ({ answers }, family) => gatewaysOf(answers)[family] !== undefined,
  endpointShape(_network, { ifname, answers }) {
    return {
      ifname: answers?.ifname ?? ifname,
      ifPrefix: answers?.link ? (answers.ifPrefix ?? 'eth') : '',
      hostLink: '',
      mac: false,
    };
  },
  planEndpoint,
});

const gatewaysOf = ({ gateway4, gateway6 }: EndpointAnswers = {}) => ({
  ...(gateway4 !== undefined && { 4: gateway4 }),
  ...(gateway6 !== undefined && { 6: gateway6 }),
});

/** Empty where the plugin names no link. */
function planEndpoint(input: EndpointInput): readonly KernelObject[] {
  const { endpoint, sandbox } = input;
  const { answers } = endpoint;
  if (!answers?.link) return [];
  const { ifname, id, mac } = endpoint;
  const link: AdoptedLink = {
    kind: 'link',
    type: 'adopted',
    ns: sandbox.id,
    name: ifname,
    owner: adoptedOwner(id, answers.link),
    mtu: 0,
    from: answers.link,
    ...(mac && { mac }),
  };
  const gateways = gatewaysOf(answers);
  return [
    link,
    ...planInside(input, { byDevice: false, acceptAdvertisements: false, gateways }),
    ...staticRoutes(input, answers),
  ];
}

const staticRoutes = (
  { endpoint, sandbox }: EndpointInput,
  { routes = [] }: EndpointAnswers,
): readonly RouteObject[] =>
  routes.map(({ destination, nextHop }) => ({
    kind: 'route',
    ns: sandbox.id,
    link: endpoint.ifname,
    destination,
    gateway: nextHop,
  }));
