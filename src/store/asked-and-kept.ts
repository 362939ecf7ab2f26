/** From format 1 to 2: what was asked stands apart from what was chosen, in endpoints and in published ports. */
import type { Migration, Snapshot } from './migration.ts';

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const fields = (value: unknown): Fields => (isFields(value) ? value : {});
const list = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.filter(isFields) : []);

/** Format 1 had a drawn MAC address and the last interface name where the asked ones are. */
function withKept({ mac, ifname, ...ask }: Fields, askedMac: unknown): Fields {
  const isAsked = mac !== undefined && mac === askedMac;
  const kept = {
    ...(mac !== undefined && !isAsked && { mac }),
    ...(ifname !== undefined && { ifname }),
  };
  return { ...ask, ...(isAsked && { mac }), ...(Object.keys(kept).length > 0 && { kept }) };
}

/** The binding that a port answers: the one with its number, else the first of its container port. */
function bindingOf(port: Fields, container: Fields): Fields {
  const all = fields(fields(container.hostConfig).PortBindings);
  const bindings = list(all[`${port.containerPort}/${port.protocol}`]);
  const { HostIp = '', HostPort = '' } =
    bindings.find((binding) => binding.HostPort === String(port.hostPort)) ?? bindings[0] ?? {};
  return { hostIP: HostIp, hostPort: HostPort };
}

function change(before: Snapshot): Snapshot {
  const { containers = [], endpoints = [], sandboxes = [] } = before;
  const byId = new Map(containers.map((container) => [container.id, container]));
  const macOf = (container: unknown): unknown => fields(fields(container).config).MacAddress;
  return {
    ...before,
    containers: containers.map((container) => ({
      ...container,
      networks: list(container.networks).map((ask) => withKept(ask, macOf(container))),
    })),
    endpoints: endpoints.map((endpoint) => ({
      ...endpoint,
      ask: withKept(fields(endpoint.ask), macOf(byId.get(endpoint.containerId))),
    })),
    sandboxes: sandboxes.map((sandbox) => ({
      ...sandbox,
      ports: list(sandbox.ports).map((port) => ({
        ...port,
        asked: bindingOf(port, fields(byId.get(sandbox.containerId))),
      })),
    })),
  };
}

export const askedAndKept: Migration = {
  to: 2,
  what: 'what was asked of endpoints and ports stands apart from what was chosen',
  change,
};
