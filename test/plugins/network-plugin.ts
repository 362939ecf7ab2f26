/** A network and IPAM driver of the tests: a bridge for each network, a veth pair for each endpoint. */
import { type Handlers, PluginServer } from './plugin-server.ts';

type Fields = Record<string, unknown>;

export interface NetworkPluginOptions {
  /** The socket. */
  readonly path: string;
  /** `ip ARGUMENTS`, on the engine's host. */
  readonly ip: (...args: readonly string[]) => void;
  readonly scope?: string;
  readonly requiresMac?: boolean;
  readonly requiresReplay?: boolean;
  readonly checksGateways?: boolean;
  /** Second number of the pools that it gives: `10.77.`. */
  readonly octet?: number;
}

export interface PluginPool {
  readonly pool: string;
  readonly used: Set<string>;
}

/** `state` is the plugin's own, and outlasts `stop` and `start`. */
export interface NetworkPluginState {
  readonly networks: Map<string, { readonly bridge: string; readonly gateway: string }>;
  readonly endpoints: Map<string, { readonly network: string; readonly mac: string }>;
  /** Endpoints that have joined, and those whose ports are open. */
  readonly joined: Set<string>;
  readonly open: Set<string>;
  readonly pools: Map<string, PluginPool>;
}

export interface NetworkPlugin {
  readonly server: PluginServer;
  readonly state: NetworkPluginState;
  /** Answers of `Join` and `CreateEndpoint` with these fields instead. */
  readonly answers: { join?: Fields; interface?: Fields; address?: string };
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const list = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value : []);
const short = (id: unknown): string => text(id).slice(0, 9);

export function networkPlugin(options: NetworkPluginOptions): NetworkPlugin {
  const state: NetworkPluginState = {
    networks: new Map(),
    endpoints: new Map(),
    joined: new Set(),
    open: new Set(),
    pools: new Map(),
  };
  const answers: NetworkPlugin['answers'] = {};
  const handlers = { ...networkHandlers(options, state, answers), ...ipamHandlers(options, state, answers) };
  return { server: new PluginServer(options.path, handlers), state, answers };
}

function networkHandlers(
  { ip, scope = 'local', checksGateways = false }: NetworkPluginOptions,
  state: NetworkPluginState,
  answers: NetworkPlugin['answers'],
): Handlers {
  const known = (id: unknown) => {
    const network = state.networks.get(text(id));
    if (!network) throw new Error(`no network ${text(id)}`);
    return network;
  };
  return {
    'Plugin.Activate': () => ({ Implements: ['NetworkDriver', 'IpamDriver'] }),
    'NetworkDriver.GetCapabilities': () => ({
      ...{ Scope: scope, ConnectivityScope: scope },
      ...(checksGateways && { GwAllocChecker: true }),
    }),
    'NetworkDriver.GwAllocCheck': () => ({ SkipIPv4: true, SkipIPv6: false }),
    'NetworkDriver.CreateNetwork': ({ NetworkID, IPv4Data, IPv6Data }) => {
      const bridge = `np-${short(NetworkID)}`;
      ip('link', 'add', 'name', bridge, 'type', 'bridge');
      const gateways = [...list(IPv4Data), ...list(IPv6Data)]
        .map(({ Gateway }) => text(Gateway))
        .filter(Boolean);
      for (const gateway of gateways) ip('address', 'add', gateway, 'dev', bridge);
      ip('link', 'set', bridge, 'up');
      const gateway = gateways.find((one) => !one.includes(':'))?.split('/')[0] ?? '';
      state.networks.set(text(NetworkID), { bridge, gateway });
      return {};
    },
    'NetworkDriver.DeleteNetwork': ({ NetworkID }) => {
      ip('link', 'delete', known(NetworkID).bridge);
      state.networks.delete(text(NetworkID));
      return {};
    },
    'NetworkDriver.CreateEndpoint': ({ NetworkID, EndpointID, Interface }) => {
      known(NetworkID);
      const asked = text(((Interface ?? {}) as Fields).MacAddress);
      const mac = asked || `02:66:${[0, 2, 4, 6].map((at) => text(EndpointID).slice(at, at + 2)).join(':')}`;
      state.endpoints.set(text(EndpointID), { network: text(NetworkID), mac });
      return { Interface: { ...(asked ? {} : { MacAddress: mac }), ...answers.interface } };
    },
    'NetworkDriver.DeleteEndpoint': ({ EndpointID }) => {
      if (!state.endpoints.delete(text(EndpointID))) throw new Error(`no endpoint ${text(EndpointID)}`);
      return {};
    },
    'NetworkDriver.EndpointOperInfo': () => ({ Value: { 'driven.by': 'test' } }),
    'NetworkDriver.Join': ({ NetworkID, EndpointID }) => {
      const { bridge, gateway } = known(NetworkID);
      const [outside, inside] = [`nh${short(EndpointID)}`, `nc${short(EndpointID)}`];
      ip('link', 'add', outside, 'type', 'veth', 'peer', 'name', inside);
      ip('link', 'set', outside, 'master', bridge, 'up');
      state.joined.add(text(EndpointID));
      return { InterfaceName: { SrcName: inside, DstPrefix: 'np' }, Gateway: gateway, ...answers.join };
    },
    'NetworkDriver.Leave': ({ EndpointID }) => {
      if (!state.joined.delete(text(EndpointID))) throw new Error(`no sandbox of ${text(EndpointID)}`);
      ip('link', 'delete', `nh${short(EndpointID)}`);
      return {};
    },
    'NetworkDriver.ProgramExternalConnectivity': ({ EndpointID }) => {
      state.open.add(text(EndpointID));
      return {};
    },
    'NetworkDriver.RevokeExternalConnectivity': ({ EndpointID }) => {
      state.open.delete(text(EndpointID));
      return {};
    },
  };
}

function ipamHandlers(
  { requiresMac = false, requiresReplay = false, octet = 77 }: NetworkPluginOptions,
  { pools }: NetworkPluginState,
  answers: NetworkPlugin['answers'],
): Handlers {
  let made = 0;
  const known = (id: unknown): PluginPool => {
    const pool = pools.get(text(id));
    if (!pool) throw new Error(`no pool ${text(id)}`);
    return pool;
  };
  return {
    'IpamDriver.GetCapabilities': () => ({
      RequiresMACAddress: requiresMac,
      RequiresRequestReplay: requiresReplay,
    }),
    'IpamDriver.GetDefaultAddressSpaces': () => ({
      LocalDefaultAddressSpace: 'near',
      GlobalDefaultAddressSpace: 'far',
    }),
    'IpamDriver.RequestPool': ({ Pool, AddressSpace, V6 }) => {
      const fresh = V6 ? `fd77:${(++made).toString(16)}::/64` : `10.${octet}.${++made}.0/24`;
      const pool = text(Pool) || fresh;
      const id = `${text(AddressSpace)}/${pool}`;
      if (!pools.has(id)) pools.set(id, { pool, used: new Set() });
      return { PoolID: id, Pool: pool, Data: {} };
    },
    'IpamDriver.ReleasePool': ({ PoolID }) => {
      known(PoolID);
      pools.delete(text(PoolID));
      return {};
    },
    'IpamDriver.RequestAddress': ({ PoolID, Address }) => {
      const { pool, used } = known(PoolID);
      const [base = '', length = ''] = pool.split('/');
      const numbered = (at: number): string =>
        base.includes(':') ? `${base}${at.toString(16)}` : base.replace(/\.0$/, `.${at}`);
      const free = Array.from({ length: 250 }, (_, at) => numbered(at + 1)).find((one) => !used.has(one));
      const address = text(Address) || free || '';
      if (used.has(address)) throw new Error(`address ${address} is in use`);
      used.add(address);
      return { Address: answers.address ?? `${address}/${length}`, Data: {} };
    },
    'IpamDriver.ReleaseAddress': ({ PoolID, Address }) => {
      if (!known(PoolID).used.delete(text(Address))) throw new Error(`${text(Address)} is not in use`);
      return {};
    },
  };
}
