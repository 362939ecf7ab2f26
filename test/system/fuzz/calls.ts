/** Requests of the API with words that may be anything. */
import fc from 'fast-check';
import { policyLabels, words } from './words.ts';

export interface FuzzedCall {
  readonly method: string;
  readonly path: string;
  readonly json?: unknown;
}

/** What the calls find: a network and a container that runs on it. */
export const there = { network: 'fuzz-net', container: 'web' } as const;

const query = (fields: Readonly<Record<string, string>>): string => `${new URLSearchParams(fields)}`;
const call = (method: string, path: string, json?: unknown): FuzzedCall => ({
  method,
  path,
  ...(json !== undefined && { json }),
});
const dictionary = (key: fc.Arbitrary<string>, value: fc.Arbitrary<string>) =>
  fc.array(fc.tuple(key, value), { maxLength: 2 }).map((entries) => Object.fromEntries(entries));

const bindings = fc
  .array(
    fc.tuple(
      words.port,
      fc.array(fc.record({ HostIp: words.address, HostPort: words.port }), { maxLength: 2 }),
    ),
    { minLength: 1, maxLength: 2 },
  )
  .map((entries) => Object.fromEntries(entries));

const labels = fc.oneof(
  fc.record({ 'com.seaway.publish': words.publish }),
  fc.record({ 'com.seaway.publish_policy': words.policy, 'com.seaway.publish_policy.80/tcp': words.policy }),
  fc.tuple(fc.constantFrom(...policyLabels), words.end).map(([key, value]) => ({ [key]: value })),
  dictionary(words.name, words.end),
);

const endpoint = fc.record(
  {
    IPAMConfig: fc.record({ IPv4Address: words.address, IPv6Address: words.address }, { requiredKeys: [] }),
    MacAddress: words.mac,
    Aliases: fc.array(words.name, { maxLength: 2 }),
    DriverOpts: fc.record(
      {
        'com.docker.network.endpoint.ifname': words.link,
        'com.docker.network.endpoint.sysctls': words.option.map(
          (text) => `net.ipv4.conf.IFNAME.log_martians=${text}`,
        ),
        'com.seaway.rate.egress': words.rate,
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

const containers = fc
  .record(
    {
      name: words.name,
      ports: bindings,
      labels,
      endpoint,
      hosts: fc.tuple(words.name, words.address).map(([name, address]) => [`${name}:${address}`]),
      dns: fc.array(words.address, { maxLength: 1 }),
      hostname: words.name,
      aliases: fc.array(words.name, { maxLength: 1 }),
    },
    { requiredKeys: ['ports'] },
  )
  .map(({ name, ports, labels: Labels, endpoint: settings, hosts, dns, hostname }) =>
    call('POST', `/containers/create${name === undefined ? '' : `?${query({ name })}`}`, {
      Image: 'busybox',
      Cmd: ['sleep', '1000'],
      Hostname: hostname,
      Labels,
      HostConfig: { PortBindings: ports, NetworkMode: there.network, ExtraHosts: hosts, Dns: dns },
      NetworkingConfig: settings && { EndpointsConfig: { [there.network]: settings } },
    }),
  );

const option = 'com.docker.network';
const networks = fc
  .record(
    {
      Name: words.name,
      Labels: dictionary(words.name, words.option),
      EnableIPv6: fc.boolean(),
      Internal: fc.boolean(),
      IPAM: fc.record({
        Config: fc.array(
          fc.record(
            {
              Subnet: words.subnet,
              Gateway: words.address,
              IPRange: words.subnet,
              AuxiliaryAddresses: dictionary(words.name, words.address),
            },
            { requiredKeys: ['Subnet'] },
          ),
          { maxLength: 2 },
        ),
      }),
      Options: fc.record(
        {
          [`${option}.bridge.name`]: words.link,
          [`${option}.bridge.trusted_host_interfaces`]: words.link,
          [`${option}.bridge.host_binding_ipv4`]: words.address,
          [`${option}.host_ipv4`]: words.address,
          [`${option}.host_ipv6`]: words.address,
          [`${option}.driver.mtu`]: words.option,
          [`${option}.bridge.gateway_mode_ipv4`]: words.option,
          [`${option}.bridge.enable_icc`]: words.option,
          [`${option}.container_iface_prefix`]: words.link,
          'com.seaway.publish_policy': words.policy,
        },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: ['Name'] },
  )
  .map((json) => call('POST', '/networks/create', { Driver: 'bridge', ...json }));

const segment = (text: fc.Arbitrary<string>) => text.map((each) => encodeURIComponent(each.toWellFormed()));

/** Each kind of call as often as the others. */
export const calls: fc.Arbitrary<FuzzedCall> = fc.oneof(
  containers,
  containers,
  networks,
  networks,
  fc
    .record({ PortBindings: bindings, Policy: words.policy })
    .map((json) => call('POST', `/seaway/containers/${there.container}/ports/add`, json)),
  fc
    .array(fc.oneof(words.port, words.publish), { maxLength: 2 })
    .map((Ports) => call('POST', `/seaway/containers/${there.container}/ports/remove`, { Ports })),
  fc.tuple(words.end, words.end).map(([from, to]) => call('GET', `/seaway/explain?${query({ from, to })}`)),
  fc
    .tuple(fc.oneof(words.end, fc.constant(there.container)), words.filter, words.option)
    .map(([what, filter, snaplen]) => call('GET', `/seaway/capture?${query({ what, filter, snaplen })}`)),
  words.document.map((Document) => call('POST', '/seaway/policies', { Document })),
  fc
    .record({ From: words.end, To: words.end, Port: fc.nat(70_000), Protocol: words.option })
    .map((json) => call('POST', '/seaway/policies/test', json)),
  segment(words.name).map((id) => call('DELETE', `/seaway/policies/${id}`)),
  fc
    .record({
      Container: fc.oneof(words.name, fc.constant(there.container)),
      Egress: words.rate,
      Ingress: words.rate,
    })
    .map((json) => call('POST', `/seaway/networks/${there.network}/rate`, json)),
  fc
    .record({ Container: fc.oneof(words.name, fc.constant('fuzz-idle')), EndpointConfig: endpoint })
    .map((json) => call('POST', `/networks/${there.network}/connect`, json)),
  fc
    .record({ Namespace: fc.oneof(words.name, fc.constant('/proc/1/ns/net')), Name: words.name })
    .map((json) => call('POST', `/seaway/networks/${there.network}/disconnect`, json)),
  segment(words.name).map((id) => call('GET', `/networks/${id}`)),
  segment(words.name).map((id) => call('GET', `/containers/${id}/json`)),
  fc
    .tuple(words.name, words.name)
    .map(([key, value]) =>
      call('GET', `/networks?${query({ filters: JSON.stringify({ [key]: [value] }) })}`),
    ),
  words.name.map((name) => call('GET', `/networks?${query({ filters: JSON.stringify({ name: [name] }) })}`)),
  words.document.map((filters) => call('GET', `/containers/json?${query({ filters })}`)),
);
