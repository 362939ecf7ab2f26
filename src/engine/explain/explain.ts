/** `seaway explain`: whether FROM reaches TO, and if not, why. */
import { fail } from '../../errors.ts';
import {
  apartCause,
  internalCause,
  mappingAt,
  otherAddressCause,
  publishedCause,
} from '../../explain/between.ts';
import type { Cause } from '../../explain/causes.ts';
import { diagnose, isUnsure, reaches } from '../../explain/diagnose.ts';
import {
  type End,
  endOfAddress,
  endOfContainer,
  endOfTask,
  findEnd,
  type Looking,
  serviceOf,
} from '../../explain/ends.ts';
import type { Evidence } from '../../explain/evidence.ts';
import type { Explanation } from '../../explain/explanation.ts';
import { pathOf } from '../../explain/path.ts';
import { type Question, readQuestion, type Target, targetText } from '../../explain/question.ts';
import { stateCause } from '../../explain/states.ts';
import type { PortMapping } from '../../model/sandbox.ts';
import { bare, readAddress } from '../../net/address.ts';
import { familyOf } from '../../net/family.ts';
import { attempt } from './attempt.ts';
import { type Attempt, type Explaining, hostAddresses, somewhere } from './explaining.ts';
import { lookFurther } from './further.ts';
import { resolve } from './resolve.ts';
import { verdictsOf } from './rules.ts';

interface Asked {
  readonly question: Question;
  readonly from: End;
  readonly looking: Looking;
}

/** Throws BAD_REQUEST, EXPLAIN_UNKNOWN, EXPLAIN_ELSEWHERE, EXPLAIN_BESIDE, EXPLAIN_FAMILIES, EXPLAIN_NO_UPLINK. */
export async function explain(
  core: Explaining,
  asking: { readonly from: string; readonly to: string; readonly texts?: boolean },
): Promise<Explanation> {
  const { texts = false } = asking;
  const question = readQuestion(asking.from, asking.to);
  const looking: Looking = { view: core.model, hostAddresses: hostAddresses(core) };
  const asked = { question, looking, from: senderOf(question.from, looking) };
  const early = stateCause(asked.from) ?? receiverState(asked);
  if (early) return answerOf(asked, { cause: early });
  const { target: aimed, name, cause } = await targetOf(core, asked);
  if (cause) return answerOf(asked, { cause, name });
  const target = inOneFamily(question, aimed);
  const attempted = await attempt(core, target);
  const { traced, milliseconds } = attempted;
  let { evidence } = attempted;
  if (isUnsure(diagnose(evidence))) evidence = await lookFurther(core, { asked: target, evidence });
  const found = diagnose(evidence);
  const rules: string[] = [];
  for (const one of traced) rules.push(...(await verdictsOf(core, one, { texts })));
  return {
    ...answerOf(asked, { ...(found && { cause: found }), name }),
    ...{ reaches: reaches(evidence), address: target.address, rules },
    probe: probeText(evidence, milliseconds),
    path: pathOf(evidence, reaches(evidence)),
  };
}

/** Whoever is outside has both families, an address of it has one. Throws EXPLAIN_FAMILIES. */
function inOneFamily({ from: asked }: Question, attempted: Attempt): Attempt {
  const { from, address } = attempted;
  if (from.kind !== 'outside' || familyOf(from.address) === familyOf(address)) return attempted;
  if (asked !== 'outside') throw fail('EXPLAIN_FAMILIES', from.address, address);
  return { ...attempted, from: { ...from, address: somewhere[familyOf(address)] } };
}

function answerOf(
  { question, from }: Asked,
  { cause, name = '' }: { readonly cause?: Cause; readonly name?: string },
): Explanation {
  return {
    ...{ from: from.kind === 'outside' ? 'outside' : from.name, to: targetText(question.to), name },
    ...{ reaches: false, address: '', probe: 'none was sent', path: [], rules: [] },
    ...(cause && { cause }),
  };
}

function probeText({ result, reason, target, address }: Evidence, milliseconds: number): string {
  const what =
    target.protocol === 'icmp'
      ? `echo to ${address}`
      : `${target.protocol} to ${address} port ${target.port}`;
  return `${what}: ${result}${reason === '' ? '' : ` (${reason})`}, ${Math.round(milliseconds)} ms`;
}

/** A service sends from a task of it on this host. */
function senderOf(ref: string, looking: Looking): End {
  const end = findEnd(ref, looking);
  if (!end) throw fail('EXPLAIN_UNKNOWN', ref);
  if (end.kind === 'outside') return { ...end, address: end.address || somewhere[4] };
  if (end.kind === 'peer') throw fail('EXPLAIN_ELSEWHERE', end.name, end.node?.name ?? end.peer.nodeId);
  if (end.kind === 'nobody') throw fail('EXPLAIN_UNKNOWN', ref);
  if (end.kind !== 'service') return end;
  const task = endOfTask(looking.view, end.name);
  if (task) return task;
  throw fail('EXPLAIN_ELSEWHERE', `service ${end.name}`, 'another');
}

/** Names of containers that do not run are not served: that is the cause, not the name. */
function receiverState({ question, looking, from }: Asked): Cause | undefined {
  const to = findEnd(question.to.name, looking);
  if (!to || to.kind === 'nobody' || to.kind === 'host' || to.kind === 'outside') return undefined;
  const between = { view: looking.view, from, to, target: question.to };
  return stateCause(to) ?? (readAddress(question.to.name) ? undefined : apartCause(between));
}

interface Aimed {
  readonly target: Attempt;
  readonly name: string;
  readonly cause?: Cause;
}

async function targetOf(core: Explaining, asked: Asked): Promise<Aimed> {
  const { question, looking, from } = asked;
  const { name } = question.to;
  const to = findEnd(name, looking);
  const aimed = (address: string, how = ''): Promise<Aimed> => aim(core, { ...asked, address, how });
  if (to?.kind === 'host') return aimed(readAddress(name) ? name : hostAddressFor(core, from));
  if (to?.kind === 'outside') return aimed(to.address || gatewayOf(core));
  if (from.kind === 'outside' && to?.kind === 'container' && !readAddress(name))
    return published(core, { ...asked, to });
  const found = await resolve(core, { from, name, looking });
  const address = preferred(found.addresses, from);
  if (address === undefined || found.cause)
    return { target: nowhere(asked), name: found.how, ...(found.cause && { cause: found.cause }) };
  return aimed(address, found.how);
}

const nowhere = ({ question, from }: Asked): Attempt => ({
  ...{ from, to: from, receiver: from, target: question.to, address: '' },
});

/** Of a family that the sender has, IPv4 first. */
function preferred(addresses: readonly string[], from: End): string | undefined {
  const mine =
    from.kind === 'container' ? from.endpoints.flatMap((each) => each.addresses.map(bare)) : undefined;
  const isUsable = (address: string): boolean =>
    mine === undefined || mine.some((each) => familyOf(each) === familyOf(address));
  return addresses.toSorted((a, b) => familyOf(a) - familyOf(b)).find(isUsable) ?? addresses[0];
}

/** Follows a published port to its container. */
async function aim(
  core: Explaining,
  { question, looking, from, address, how }: Asked & { readonly address: string; readonly how: string },
): Promise<Aimed> {
  const { to: target } = question;
  const { view } = looking;
  const to = endOfAddress(address, looking);
  const plain: Attempt = { from, to, receiver: to, target, address };
  if (to.kind !== 'host' || target.port === undefined || target.protocol === 'icmp')
    return { target: plain, name: how };
  const asked = { address, port: target.port, protocol: target.protocol };
  const found = mappingAt(view, asked);
  const sandbox = found && view.get('sandboxes', found.sandboxId);
  const container = sandbox && view.get('containers', sandbox.containerId);
  if (!found || !container) {
    const cause = (await listensOnHost(core, asked)) ? undefined : otherAddressCause(view, asked);
    return { target: plain, name: how, ...(cause && { cause }) };
  }
  const receiver = endOfContainer(view, container);
  const cause =
    stateCause(receiver) ?? internalCause({ view, from, to: receiver, target, mapping: found.mapping });
  return { target: { ...plain, receiver, mapping: found.mapping }, name: how, ...(cause && { cause }) };
}

async function listensOnHost(
  { kernel }: Explaining,
  asked: { readonly port: number; readonly protocol: string },
): Promise<boolean> {
  const listening = await kernel.inspect(kernel.host).listening();
  return listening.some(({ port, protocol }) => port === asked.port && protocol === asked.protocol);
}

/** From outside a container is asked at the host's address where its port is published. */
function published(
  core: Explaining,
  { question, looking, from, to }: Asked & { readonly to: Extract<End, { kind: 'container' }> },
): Aimed {
  const { port, protocol } = question.to;
  const { view } = looking;
  refuseBeside(core, to);
  const sender = from.kind === 'outside' ? from.address : '';
  const own = core.kernel.inspect(core.kernel.host).routeTo({ to: sender }).source;
  const ports = [...(to.sandbox?.ports ?? []), ...meshPorts(view, to)].filter(
    (each) => each.protocol === protocol && (each.containerPort === port || each.hostPort === port),
  );
  const isThere = (hostIP: string): boolean =>
    hostIP === own || ((hostIP === '0.0.0.0' || hostIP === '::') && familyOf(hostIP) === familyOf(sender));
  const mapping = ports.find(({ hostIP }) => isThere(hostIP));
  const between = { view, from, to, target: question.to, ...(mapping && { mapping }) };
  const cause = internalCause(between) ?? publishedCause(between);
  const target: Target = mapping
    ? { ...question.to, port: mapping.hostPort || mapping.containerPort }
    : question.to;
  const address = mapping?.hostPort === 0 ? mapping.address : own;
  return {
    target: {
      from,
      to,
      receiver: to,
      target,
      address,
      ...(mapping && mapping.hostPort !== 0 && { mapping }),
    },
    name: mapping
      ? `port ${mapping.containerPort}/${protocol} of ${to.name} is published as ${own}:${mapping.hostPort}`
      : '',
    ...(cause && { cause }),
  };
}

/** Packets from outside to a container of macvlan or ipvlan bypass the host's network stack. Throws EXPLAIN_BESIDE. */
function refuseBeside({ model }: Explaining, { name, endpoints }: Extract<End, { kind: 'container' }>): void {
  const networks = endpoints.flatMap(({ networkId }) => model.get('networks', networkId) ?? []);
  const [first] = networks;
  if (
    first &&
    networks.every(({ driver, overlay }) => model.drivers.find(driver).forwarding === undefined && !overlay)
  )
    throw fail('EXPLAIN_BESIDE', name, first.driver);
}

/** Ports of the routing mesh that lead to tasks of its service. */
function meshPorts(view: Looking['view'], to: Extract<End, { kind: 'container' }>): readonly PortMapping[] {
  const service = serviceOf(to);
  if (service === '') return [];
  const [address = ''] = to.endpoints.flatMap((each) => each.addresses.map(bare));
  return [...view.all('meshPorts')]
    .filter(({ serviceName }) => serviceName === service)
    .map(({ protocol, port, targetPort }) => ({
      ...{ protocol, hostIP: '0.0.0.0', hostPort: port, containerPort: targetPort, address, endpointId: '' },
      asked: { hostIP: '', hostPort: String(port) },
    }));
}

/** The host's address as the sender would use it: its gateway, else that of the uplink. */
function hostAddressFor(core: Explaining, from: End): string {
  if (from.kind === 'container')
    for (const endpoint of from.endpoints) {
      const network = core.model.get('networks', endpoint.networkId);
      const driver = network && core.model.drivers.find(network.driver);
      for (const address of endpoint.addresses) {
        const found = network && driver?.hostAddress(network, address);
        if (found) return bare(found);
      }
    }
  const { kernel } = core;
  if (from.kind === 'host') return '127.0.0.1';
  return kernel.inspect(kernel.host).routeTo({ to: from.kind === 'outside' ? from.address : somewhere[4] })
    .source;
}

/** `outside` without an address is the host's next hop. */
function gatewayOf({ kernel }: Explaining): string {
  const { gateway } = kernel.inspect(kernel.host).routeTo({ to: somewhere[4] });
  if (gateway === '') throw fail('EXPLAIN_NO_UPLINK', somewhere[4]);
  return gateway;
}
