/** Ports that are published and taken back while a container is there, whether it runs or not. */
import { fail } from '../errors.ts';
import { wildcard } from '../net/family.ts';
import type { Container, PortBinding } from './container.ts';
import { PortIndex } from './port-index.ts';
import { fixedPort, hostText, linkOf, type PortSpec, publishedSpecs, wordsOf } from './port-specs.ts';
import { answeredKey, placeOf, rangeOf, specKey } from './ports.ts';
import { hostNetwork, noNetwork } from './predefined-names.ts';
import type { PortMapping, Protocol, Sandbox } from './sandbox.ts';
import { attachmentsOf, complete, joinedBy, type SandboxContext } from './sandboxes.ts';
import type { Change, View } from './tables.ts';

/** What becomes of a container's ports. */
export interface LivePorts {
  readonly container: Container;
  /** The requests that come or go. */
  readonly specs: readonly PortSpec[];
  /** The ports that come or go; none while it does not run. */
  readonly ports: readonly PortMapping[];
  readonly changes: readonly Change[];
}

/** Ports of the host that are to be published no more. */
export interface Unwanted {
  readonly protocol: Protocol;
  /** '' for whatever address they are published on. */
  readonly hostIP: string;
  readonly first: number;
  readonly last: number;
}

/**
 * Publishes more ports: at once if the container runs, else at its start. Throws PORTS_NOT_LIVE where it has no network
 * for them, PORT_ALLOCATED and what `choosePorts` throws.
 */
export function publishPorts(
  view: View,
  { container, specs }: { readonly container: Container; readonly specs: readonly PortSpec[] },
  context: SandboxContext,
): LivePorts {
  refuseMode(container);
  for (const { binding } of specs) rangeOf(binding.HostPort ?? '');
  const before = publishedSpecs(container);
  refuseTwice(before, specs);
  const changed = asking(container, [...before, ...specs]);
  const sandbox = view.sandboxOfContainer(container.id);
  if (!sandbox) return { ...recorded(view, changed), specs, ports: [] };
  const after = completed(view, { container: changed, sandbox }, context);
  const had = new Set(sandbox.ports.map(placeOf));
  const come = after.ports.filter((port) => !had.has(placeOf(port)));
  const answered = new Set(come.map(answeredKey));
  const lacking = specs.find((spec) => !answered.has(specKey(spec)) && !linkOf(spec.binding));
  if (lacking) throw fail('PORTS_NOT_LIVE', container.name, `no network of it carries ${wordsOf(lacking)}`);
  return { ...put(changed, after), specs, ports: come };
}

/** Takes ports back, all of them or, with PORT_NOT_PUBLISHED, none. */
export function unpublishPorts(
  view: View,
  { container, unwanted }: { readonly container: Container; readonly unwanted: readonly Unwanted[] },
  context: SandboxContext,
): LivePorts {
  refuseMode(container);
  const specs = publishedSpecs(container);
  const sandbox = view.sandboxOfContainer(container.id);
  const going = new Going(specs, sandbox?.ports ?? []);
  for (const each of unwanted)
    if (!going.take(each)) throw fail('PORT_NOT_PUBLISHED', wordsOfUnwanted(each), container.name);
  const changed = asking(
    container,
    specs.filter((spec) => !going.specs.has(spec)),
  );
  const gone = { specs: [...going.specs], ports: [...going.ports] };
  if (!sandbox) return { ...recorded(view, changed), ...gone };
  const kept = { ...sandbox, ports: sandbox.ports.filter((port) => !going.ports.has(port)) };
  return { ...put(changed, completed(view, { container: changed, sandbox: kept }, context)), ...gone };
}

/** Which requests and ports go, each once. */
class Going {
  readonly specs = new Set<PortSpec>();
  readonly ports = new Set<PortMapping>();
  readonly #all: readonly PortSpec[];
  /** The ports that answer the requests of a key, by their number. */
  readonly #answers: ReadonlyMap<string, ReadonlyMap<number, readonly PortMapping[]>>;

  constructor(specs: readonly PortSpec[], ports: readonly PortMapping[]) {
    this.#all = specs;
    const groups = Map.groupBy(ports, answeredKey);
    this.#answers = new Map(
      Array.from(groups, ([key, group]) => [key, Map.groupBy(group, ({ hostPort }) => hostPort)]),
    );
  }

  /** False if one of the ports is not published. */
  take(unwanted: Unwanted): boolean {
    const { first, last } = unwanted;
    const missing = new Set(Array.from({ length: last - first + 1 }, (_, index) => first + index));
    const used = new Set<string>();
    for (const spec of this.#all) {
      if (this.specs.has(spec) || spec.protocol !== unwanted.protocol || !isOn(spec, unwanted.hostIP))
        continue;
      const number = this.#numberOf(spec, unwanted, used);
      if (number === undefined) continue;
      this.specs.add(spec);
      if (number === 'all') missing.clear();
      else missing.delete(number);
    }
    return missing.size === 0;
  }

  /** The number by which a request is meant. Requests that are alike have one of their numbers each. */
  #numberOf(spec: PortSpec, { first, last }: Unwanted, used: Set<string>): number | 'all' | undefined {
    const key = specKey(spec);
    for (const [number, ports] of this.#answers.get(key) ?? []) {
      if (number < first || number > last || used.has(`${key} ${number}`)) continue;
      used.add(`${key} ${number}`);
      for (const port of ports) this.ports.add(port);
      return number;
    }
    if (this.#answers.has(key)) return undefined;
    const fixed = fixedPort(spec);
    if (fixed !== undefined) return fixed >= first && fixed <= last ? fixed : undefined;
    return spec.binding.HostPort === `${first}-${last}` ? 'all' : undefined;
  }
}

const isOn = ({ binding }: PortSpec, hostIP: string): boolean =>
  hostIP === '' || hostText(binding) === hostIP;

export const wordsOfUnwanted = ({ hostIP, first, last, protocol }: Unwanted): string =>
  `${hostIP && `${hostIP.includes(':') ? `[${hostIP}]` : hostIP}:`}${first}${last === first ? '' : `-${last}`}/${protocol}`;

/** The container with exactly these requests; those of `-P` are spelled out, so that one of them can go. */
function asking(container: Container, specs: readonly PortSpec[]): Container {
  const groups = Map.groupBy(specs, ({ containerPort, protocol }) => `${containerPort}/${protocol}`);
  const PortBindings: Record<string, readonly PortBinding[]> = {};
  for (const [key, group] of groups) PortBindings[key] = group.map(({ binding }) => binding);
  return { ...container, hostConfig: { ...container.hostConfig, PortBindings, PublishAllPorts: false } };
}

function completed(
  view: View,
  { container, sandbox }: { readonly container: Container; readonly sandbox: Sandbox },
  context: SandboxContext,
): Sandbox {
  const attachments = attachmentsOf(view, view.endpointsOfSandbox(sandbox.id));
  return complete(view, { container, sandbox, attachments }, context);
}

const put = (container: Container, sandbox: Sandbox): Pick<LivePorts, 'container' | 'changes'> => ({
  container,
  changes: [
    { table: 'containers', put: container },
    { table: 'sandboxes', put: sandbox },
  ],
});

/** For a container that does not run; what cannot be published there at all is refused now. */
function recorded(view: View, container: Container): Pick<LivePorts, 'container' | 'changes'> {
  const networks = joinedBy(view, container).map(({ network }) => view.networkByName(network));
  const isCarried = networks.some(
    (network) => !network || view.drivers.find(network.driver).forwarding?.(network) !== undefined,
  );
  if (!isCarried) throw fail('PORTS_NOT_LIVE', container.name, 'no network of it carries published ports');
  return { container, changes: [{ table: 'containers', put: container }] };
}

function refuseMode({ name, hostConfig: { NetworkMode: mode } }: Container): void {
  const why = mode.startsWith('container:')
    ? 'it is in the network of another container, which publishes its ports'
    : mode === hostNetwork
      ? "it is in the host's network, where its ports are the host's"
      : mode === noNetwork
        ? 'it has no network'
        : undefined;
  if (why) throw fail('PORTS_NOT_LIVE', name, why);
}

/** Two requests for one port of the host. */
function refuseTwice(before: readonly PortSpec[], specs: readonly PortSpec[]): void {
  const taken = new PortIndex();
  const added = new Set(specs);
  for (const spec of [...before, ...specs]) {
    const hostPort = fixedPort(spec);
    if (hostPort === undefined) continue;
    const asked = hostText(spec.binding);
    const hosts = asked === '' ? [wildcard(4), wildcard(6)] : [asked];
    const { protocol } = spec;
    const conflict = added.has(spec) && hosts.find((hostIP) => taken.conflict(protocol, hostIP, hostPort));
    if (conflict) throw fail('PORT_ALLOCATED', conflict, hostPort);
    taken.take(hosts.map((hostIP) => ({ protocol, hostIP, hostPort })));
  }
}
