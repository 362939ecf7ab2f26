/** The routes of policies for docs/api.md, and an engine with one policy. */
import { policyApply, policyTest } from '../../../src/api/schemas/policies.ts';
import type { PolicyDetail, PolicyVerbs } from '../../../src/engine/policy-verbs.ts';
import type { Policy } from '../../../src/model/policy.ts';
import type { Description } from './description.ts';

export const policyDescriptions: Readonly<Record<string, Description>> = {
  'GET /seaway/policies': {
    what: `Lists the [policies](policies.md), also those of labels, in the order in which they are asked. \`Packets\` and \`Bytes\` are of
this host's running containers, which \`Containers\` names; \`MayChangeRules\` are those among them with \`NET_ADMIN\`.
\`OtherwiseDenied\`: what no rule allows.`,
    errors: [],
  },
  'POST /seaway/policies': {
    what: 'Creates or replaces the policies of a document, YAML or JSON, all of them or none. `Result`: `created`, `changed`, `unchanged`.',
    body: policyApply,
    example: { Document: 'policies:\n- name: database\n  applies: db\n  ingress:\n  - allow: web:5432\n' },
    errors: ['POLICY_DOCUMENT'],
  },
  'GET /seaway/policies/:id': { what: 'One policy by its name.', errors: ['POLICY_NOT_FOUND'] },
  'DELETE /seaway/policies/:id': {
    what: 'Removes a policy; what it denied is allowed at once.',
    errors: ['POLICY_NOT_FOUND'],
  },
  'POST /seaway/policies/test': {
    what: `Says which rules decide about a connection. \`From\` is a container or an address, \`To\` one of these or a DNS name;
\`Protocol\` is \`tcp\`, \`udp\`, \`sctp\` or \`icmp\` (then \`Port\` is 0). A step is one end that policies are for; \`Rule\` is its
number in its direction, 0 where no rule matches.`,
    body: policyTest,
    example: { From: 'web', To: 'db', Port: 5432, Protocol: 'tcp' },
    errors: ['POLICY_FLOW', 'CONTAINER_NOT_FOUND'],
  },
};

const database: Policy = {
  ...{ id: 'database', order: 100, applies: { container: 'db' }, egress: [] },
  ingress: [
    {
      ...{ verdict: 'allow', line: 5, ports: [{ protocol: 'tcp', first: 5432, last: 5432 }] },
      remote: { kind: 'containers', selector: { container: 'web' } },
    },
  ],
};
const [databaseRule] = database.ingress;

const policyDetail: PolicyDetail = {
  ...{ policy: database, ingress: [{ packets: 8, bytes: 435 }], egress: [] },
  ...{ denied: { packets: 2, bytes: 144 }, containers: ['db'], privileged: [] },
};

export const policies: PolicyVerbs = {
  list: async () => [policyDetail],
  get: async () => policyDetail,
  apply: async () => [{ name: 'database', as: 'created' }],
  remove: async () => undefined,
  test: () => ({
    ...{ allowed: true, network: 'app' },
    steps: [
      {
        ...{ direction: 'ingress', container: 'db', verdict: 'allow' },
        origin: { policy: 'database', index: 1, ...(databaseRule && { rule: databaseRule }) },
      },
    ],
  }),
};
