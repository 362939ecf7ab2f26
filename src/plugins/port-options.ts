/** Published and exposed ports in the options sent to network plugins (libnetwork, netlabel). Pure. */
import type { PendingEndpoint } from '../model/driver.ts';
import { linkOf, parsePort } from '../model/port-specs.ts';
import { readMac } from '../net/mac.ts';

/** IP protocol numbers. */
const numbers = { tcp: 6, udp: 17, sctp: 132 } as const;

const labels = {
  exposed: 'com.docker.network.endpoint.exposedports',
  mac: 'com.docker.network.endpoint.macaddress',
  published: 'com.docker.network.portmap',
} as const;

type Wanted = Pick<PendingEndpoint, 'container'>;

/** Options of `CreateEndpoint`: the endpoint's own, and the ports unless the network is internal. */
export function endpointOptions(
  request: Pick<PendingEndpoint, 'container' | 'network' | 'spec'>,
): Readonly<Record<string, unknown>> {
  const { spec, network } = request;
  const mac = spec.mac && readMac(spec.mac);
  return {
    ...spec.driverOpts,
    ...(!network.internal && joinOptions(request)),
    // bytes are base64 in Go's JSON
    ...(mac && { [labels.mac]: Buffer.from(mac.replaceAll(':', ''), 'hex').toString('base64') }),
  };
}

/** Options of `Join` and `ProgramExternalConnectivity`. */
export const joinOptions = ({ container }: Wanted): Readonly<Record<string, unknown>> => ({
  [labels.exposed]: portsOf(container).map(({ protocol, containerPort }) => ({
    Proto: numbers[protocol],
    Port: containerPort,
  })),
  [labels.published]: portsOf(container).flatMap((port) => publishedOf(container, port)),
});

type ContainerPort = ReturnType<typeof parsePort>;

function portsOf(container: Wanted['container']): readonly ContainerPort[] {
  const exposed = Object.keys(container?.config.ExposedPorts ?? {});
  const published = Object.keys(container?.hostConfig.PortBindings ?? {});
  return [...new Set([...exposed, ...published])].map(parsePort);
}

function publishedOf(container: Wanted['container'], port: ContainerPort): readonly object[] {
  const { PortBindings, PublishAllPorts = false } = container?.hostConfig ?? {};
  const bindings = Object.entries(PortBindings ?? {}).flatMap(([key, asked]) => {
    const { protocol, containerPort } = parsePort(key);
    return protocol === port.protocol && containerPort === port.containerPort ? (asked ?? []) : [];
  });
  // plugins know addresses alone
  const named = bindings.filter((binding) => !linkOf(binding));
  const all = bindings.length === 0 && PublishAllPorts ? [{ HostIp: '', HostPort: '' }] : named;
  return all.map(({ HostIp = '', HostPort = '' }) => {
    const [first = '', last = first] = HostPort.split('-');
    return {
      Proto: numbers[port.protocol],
      IP: '',
      Port: port.containerPort,
      HostIP: HostIp,
      HostPort: Number(first),
      HostPortEnd: Number(last),
    };
  });
}
