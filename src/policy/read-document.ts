/** Documents of policies, YAML or JSON. Errors name the line. */
import { isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import { fail } from '../errors.ts';
import {
  type Direction,
  directions,
  mostRules,
  type Policy,
  type PolicyPorts,
  type PolicyRule,
  type Selector,
  type Verdict,
} from '../model/policy.ts';
import {
  complain,
  fieldsOf,
  itemsOf,
  type Part,
  type Place,
  partOf,
  reading,
  textOf,
} from './document-parts.ts';
import {
  readBlock,
  readDomain,
  readGlob,
  readLabel,
  readNetwork,
  readPorts,
  readShortForm,
  type ShortForm,
} from './read-remote.ts';

const most = { policies: 1_000, rules: mostRules, ports: 100, order: 1_000_000 } as const;
const defaultOrder = 100;

/** `policies:` and a list, a list, or a single one. Throws POLICY_DOCUMENT. */
export function readDocument(text: string): readonly Policy[] {
  const { root, place } = parse(text);
  const read = policyParts(root, place).map((part) => ({ part, policy: readPolicy(part, place) }));
  const names = new Set<string>();
  for (const { part, policy } of read) {
    if (names.has(policy.id)) complain(part, `a second policy is named ${JSON.stringify(policy.id)}`);
    names.add(policy.id);
  }
  return read.map(({ policy }) => policy);
}

function parse(text: string): { readonly root: Part; readonly place: Place } {
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter, schema: 'core', prettyErrors: false });
  const place: Place = { lineOf: (offset) => Math.max(1, lineCounter.linePos(offset).line) };
  for (const { errors } of documents)
    for (const { pos, message } of errors) throw fail('POLICY_DOCUMENT', place.lineOf(pos[0]), message);
  const [first, second] = [...documents];
  if (second) throw fail('POLICY_DOCUMENT', place.lineOf(second.range[0]), 'a second document begins here');
  const root = partOf(place, first?.contents);
  if (!root.node || (isScalar(root.node) && root.node.value === null)) complain(root, 'there is no policy');
  return { root, place };
}

function policyParts(root: Part, place: Place): readonly Part[] {
  if (isSeq(root.node)) return itemsOf(place, root, { what: 'the document', most: most.policies });
  const { policies } = fieldsOf(place, root, { what: 'the document', known: ['policies', ...policyFields] });
  return policies ? itemsOf(place, policies, { what: '"policies"', most: most.policies }) : [root];
}

const policyFields = ['name', 'order', 'applies', 'ingress', 'egress'] as const;

function readPolicy(part: Part, place: Place): Policy {
  const fields = fieldsOf(place, part, { what: 'a policy', known: policyFields });
  const { name, order, applies } = fields;
  if (!name) complain(part, 'the policy has no name');
  if (!applies)
    complain(part, 'the policy does not say what it applies to: "applies: any" is every container');
  if (!fields.ingress && !fields.egress) complain(part, 'the policy has neither "ingress" nor "egress"');
  const id = textOf(name, '"name"');
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/.test(id))
    complain(
      name,
      `${JSON.stringify(id.slice(0, 80))} is not a name: [a-zA-Z0-9][a-zA-Z0-9_.-], at most 63 characters`,
    );
  const [ingress = [], egress = []] = directions.map((direction) => {
    const list = fields[direction];
    return list ? readRules(list, place, direction) : [];
  });
  return {
    id,
    order: order ? readOrder(order) : defaultOrder,
    applies: readApplies(applies, place),
    ingress,
    egress,
  };
}

function readOrder(part: Part): number {
  const text = textOf(part, '"order"');
  const order = Number(text);
  if (!/^\d{1,7}$/.test(text) || order > most.order)
    complain(part, `"order" is a number from 0 to ${most.order}`);
  return order;
}

/** `any`, a name, or a mapping. */
function readApplies(part: Part, place: Place): Selector {
  if (!isScalar(part.node)) return readSelector(part, place);
  const text = textOf(part, '"applies"');
  return text === 'any' ? {} : { container: reading(part, () => readGlob(text)) };
}

const selectorFields = ['container', 'label', 'network'] as const;

function readSelector(part: Part, place: Place): Selector {
  const { container, label, network } = fieldsOf(place, part, {
    what: 'a choice of containers',
    known: selectorFields,
  });
  if (!container && !label && !network) complain(part, 'nothing is chosen: give container, label or network');
  return {
    ...(container && { container: reading(container, () => readGlob(textOf(container, '"container"'))) }),
    ...(label && { label: reading(label, () => readLabel(textOf(label, '"label"'))) }),
    ...(network && { network: reading(network, () => readNetwork(textOf(network, '"network"'))) }),
  };
}

function readRules(list: Part, place: Place, direction: Direction): readonly PolicyRule[] {
  const parts = itemsOf(place, list, { what: `"${direction}"`, most: most.rules });
  return parts.map((part) => readRule(part, place, direction));
}

function readRule(part: Part, place: Place, direction: Direction): PolicyRule {
  const known = ['allow', 'deny', 'ports'] as const;
  const { allow, deny, ports } = fieldsOf(place, part, { what: 'a rule', known });
  const remote = allow ?? deny;
  if (!remote || (allow && deny)) return complain(part, 'a rule has either "allow" or "deny"');
  const verdict: Verdict = allow ? 'allow' : 'deny';
  const read = isScalar(remote.node)
    ? reading(remote, () => readShortForm(textOf(remote, `"${verdict}"`), direction))
    : readLongForm(remote, place, direction);
  if (ports && read.ports.length > 0) complain(ports, 'the ports are given twice');
  return {
    verdict,
    remote: read.remote,
    ports: ports ? readPortList(ports, place) : read.ports,
    line: part.line,
  };
}

/** A selector, `address`, or `name`. */
function readLongForm(part: Part, place: Place, direction: Direction): ShortForm {
  const known = [...selectorFields, 'address', 'name'] as const;
  const { address, name, ...rest } = fieldsOf(place, part, { what: 'an end', known });
  if (!address && !name)
    return { remote: { kind: 'containers', selector: readSelector(part, place) }, ports: [] };
  if ((address && name) || Object.keys(rest).length > 0)
    complain(part, 'an "address" or a "name" stands alone');
  if (address) {
    const text = textOf(address, '"address"');
    const block = readBlock(text);
    if (block === undefined)
      return complain(address, `${JSON.stringify(text.slice(0, 80))} is not an address`);
    return { remote: { kind: 'addresses', block }, ports: [] };
  }
  if (!name || direction === 'ingress')
    return complain(part, 'a DNS name can be allowed or denied in "egress" only');
  return {
    remote: { kind: 'name', pattern: reading(name, () => readDomain(textOf(name, '"name"'))) },
    ports: [],
  };
}

/** A list, or a single one. */
function readPortList(part: Part, place: Place): readonly PolicyPorts[] {
  const parts = isScalar(part.node) ? [part] : itemsOf(place, part, { what: '"ports"', most: most.ports });
  if (parts.length === 0) complain(part, '"ports" is empty: leave it out for all ports');
  return parts.map((one) => reading(one, () => readPorts(textOf(one, 'a port'))));
}
