/** `/seaway/policies`: which flows containers may have. */
import { fail } from '../../errors.ts';
import { presentFlow, presentPolicy } from '../presenters/policy.ts';
import { empty, json, param, post, type Route, route } from '../route.ts';
import { policyApply, policyTest } from '../schemas/policies.ts';

const protocols = ['tcp', 'udp', 'sctp', 'icmp'] as const;

function protocolOf(word: string): (typeof protocols)[number] {
  const found = protocols.find((one) => one === (word || 'tcp'));
  if (!found) throw fail('POLICY_FLOW', `unknown protocol ${JSON.stringify(word)}`);
  return found;
}

export const policyRoutes: readonly Route[] = [
  route('GET', '/seaway/policies', async ({ engine }) =>
    json((await engine.policies.list()).map(presentPolicy)),
  ),
  post('/seaway/policies', policyApply, async ({ engine, body: { Document: document = '' } }) => {
    const results = await engine.policies.apply(document);
    return json(results.map(({ name, as }) => ({ Name: name, Result: as })));
  }),
  route('GET', '/seaway/policies/:id', async (call) =>
    json(presentPolicy(await call.engine.policies.get(param(call, 'id')))),
  ),
  route('DELETE', '/seaway/policies/:id', async (call) => {
    await call.engine.policies.remove(param(call, 'id'));
    return empty(204);
  }),
  post('/seaway/policies/test', policyTest, ({ engine, body }) => {
    const { From: from = '', To: to = '', Port: port = 0, Protocol = '' } = body;
    const protocol = protocolOf(Protocol);
    const isPort = protocol === 'icmp' ? port === 0 : port >= 1 && port <= 65535;
    if (!isPort) throw fail('POLICY_FLOW', `no port ${port} of ${protocol}`);
    return json(presentFlow(engine.policies.test({ from, to, port, protocol })));
  }),
];
