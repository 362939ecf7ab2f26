/** `/nodes`. */
import { fail, type SeawayError } from '../../errors.ts';
import type { SwarmNode } from '../../swarm/records.ts';
import type { NodeSpec } from '../../swarm/spec.ts';
import { type Filters, parseFilters } from '../filters.ts';
import { presentNode } from '../presenters/swarm.ts';
import { type Answer, type Call, empty, json, post, type Route, route } from '../route.ts';
import { type NodeSpecBody, nodeSpec } from '../schemas/swarm.ts';
import { inOrder, passesNames, ref, versionOf } from './swarm-queries.ts';

const known = ['name', 'id', 'label', 'node.label', 'role', 'membership'];

/** Docker says so with status 500. */
const wrong = (kind: string, value: string): SeawayError =>
  fail('SWARM_FAILED', `Invalid ${kind} filter: '${value}'`);

function refuseValues(filters: Filters, kind: string, allowed: readonly string[]): void {
  const value = filters.values(kind).find((each) => !allowed.includes(each.toLowerCase()));
  if (value !== undefined) throw wrong(kind, value);
}

function nodeTest(filters: Filters): (node: SwarmNode) => boolean {
  refuseValues(filters, 'role', ['worker', 'manager']);
  refuseValues(filters, 'membership', ['accepted', 'pending']);
  // every node that is on record was accepted
  const anyIsMember = filters.exactly('membership', 'accepted');
  return ({ id, spec, description }) =>
    anyIsMember &&
    passesNames(filters, { name: description?.hostname ?? spec.Name, id }) &&
    filters.labels('label', description?.engine.labels ?? {}) &&
    filters.labels('node.label', spec.Labels) &&
    filters.exactly('role', spec.Role);
}

function list({ engine, query }: Call): Answer {
  const filters = parseFilters(query.text('filters'), known);
  const test = nodeTest(filters);
  const { trustRoot } = engine.swarm.inspect().tls;
  return json(
    inOrder(engine.swarm.nodes.list())
      .filter(test)
      .map((node) => presentNode(node, trustRoot)),
  );
}

/** Throws BAD_REQUEST. */
function specOf({ Name = '', Labels = {}, Role: role = '', Availability = '' }: NodeSpecBody): NodeSpec {
  const [Role, available] = [role.toLowerCase(), Availability.toLowerCase()];
  if (Role !== 'worker' && Role !== 'manager')
    throw fail('BAD_REQUEST', `invalid Role: ${JSON.stringify(role)}`);
  if (available !== 'active' && available !== 'pause' && available !== 'drain')
    throw fail('BAD_REQUEST', `invalid Availability: ${JSON.stringify(Availability)}`);
  return { Name, Labels, Role, Availability: available };
}

export const nodeRoutes: readonly Route[] = [
  route('GET', '/nodes', list),
  route('GET', '/nodes/:id', (call) => {
    const { swarm } = call.engine;
    return json(presentNode(swarm.nodes.get(ref(call)), swarm.inspect().tls.trustRoot));
  }),
  route('DELETE', '/nodes/:id', async (call) => {
    await call.engine.swarm.nodes.remove(ref(call), { force: call.query.flag('force') });
    return empty(200);
  }),
  post('/nodes/:id/update', nodeSpec, async (call) => {
    const version = versionOf(call.query, 'node');
    call.engine.swarm.checkManager();
    await call.engine.swarm.nodes.update(ref(call), { version, spec: specOf(call.body) });
    return empty(200);
  }),
];
