/** Ports that are published and taken back while a container is there, whether it runs or not. */
import { fail } from '../errors.ts';
import { wildcard } from '../net/family.ts';
import type { Container, PortBinding } from './container.ts';
import { answeredKey, specKey } from './port-answers.ts';
import { PortIndex } from './port-index.ts';
import { fixedPort, hostText, linkOf, type PortSpec, publishedSpecs, wordsOf } from './port-specs.ts';
import { rangeOf } from './ports.ts';
import { hostNetwork, noNetwork } from './predefined-names.ts';
import type { PortMapping, Protocol, Sandbox } from './sandbox.ts';
import { joinedBy, portsFor, type SandboxContext } from './sandboxes.ts';
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
  const come = portsFor(view, { container: changed, sandbox, specs }, context);
  const answered = new Set(come.map(answeredKey));
  const lacking = specs.find((spec) => !answered.has(specKey(spec)) && !linkOf(spec.binding));
  if (lacking) throw fail('PORTS_NOT_LIVE', container.name, `no network of it carries ${wordsOf(lacking)}`);
  return { ...put(changed, { ...sandbox, ports: [...sandbox.ports, ...come] }), specs, ports: come };
}

/** Takes ports back, all of them or, with PORT_NOT_PUBLISHED, none. */
export function unpublishPorts(
  view: View,
  { container, unwanted }: { readonly container: Container; readonly unwanted: readonly Unwanted[] },
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
  const gone = {
    specs: specs.filter((spec) => going.specs.has(spec)),
    ports: (sandbox?.ports ?? []).filter((port) => going.ports.has(port)),
  };
  if (!sandbox) return { ...recorded(view, changed), ...gone };
  const kept = { ...sandbox, ports: sandbox.ports.filter((port) => !going.ports.has(port)) };
  return { ...put(changed, kept), ...gone };
}

/** Which requests and ports go, each once. What one costs does not grow with the others. */
class Going {
  readonly specs = new Set<PortSpec>();
  readonly ports = new Set<PortMapping>();
  /** The ports of a number, by the key of the requests that they answer. */
  readonly #answers = new Map<string, Map<string, PortMapping[]>>();
  /** Requests that are still there, the last first: those that are alike by their key, those without an answer by their port. */
  readonly #left: ReadonlyMap<string, PortSpec[]>;

  constructor(specs: readonly PortSpec[], ports: readonly PortMapping[]) {
    for (const port of ports) {
      const number = numberKey(port.protocol, port.hostPort);
      const answers = this.#answers.get(number) ?? new Map<string, PortMapping[]>();
      this.#answers.set(number, answers);
      const key = answeredKey(port);
      answers.set(key, [...(answers.get(key) ?? []), port]);
    }
    const answered = new Set(ports.map(answeredKey));
    const nameOf = (spec: PortSpec): string => {
      const key = specKey(spec);
      return answered.has(key) ? key : numberKey(spec.protocol, fixedPort(spec) ?? spec.binding.HostPort);
    };
    this.#left = Map.groupBy(specs.toReversed(), nameOf);
  }

  /** False if one of the ports is not published. */
  take(unwanted: Unwanted): boolean {
    const { first, last, protocol } = unwanted;
    let missing = last - first + 1;
    for (let number = first; number <= last; number++) if (this.#takeOne(number, unwanted)) missing--;
    return missing === 0 || this.#takeAll(numberKey(protocol, `${first}-${last}`), unwanted);
  }

  #takeOne(number: number, unwanted: Unwanted): boolean {
    const at = numberKey(unwanted.protocol, number);
    const answers = this.#answers.get(at);
    let isTaken = this.#takeAll(at, unwanted);
    for (const [key, ports] of answers ?? []) {
      const spec = this.#left.get(key)?.at(-1);
      if (!spec || !isOn(spec, unwanted.hostIP)) continue;
      this.#left.get(key)?.pop();
      answers?.delete(key);
      this.specs.add(spec);
      for (const port of ports) this.ports.add(port);
      isTaken = true;
    }
    return isTaken;
  }

  /** Requests without an answer that are all meant. */
  #takeAll(name: string, { hostIP }: Unwanted): boolean {
    const meant = this.#left.get(name)?.filter((spec) => !this.specs.has(spec) && isOn(spec, hostIP)) ?? [];
    for (const spec of meant) this.specs.add(spec);
    return meant.length > 0;
  }
}

const numberKey = (protocol: Protocol, number: number | string | undefined): string =>
  `${protocol}/${number}`;

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
  const numbers = new Set(specs.map(fixedPort));
  for (const spec of [...before.filter((one) => numbers.has(fixedPort(one))), ...specs]) {
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
