/** docs/api.md: the routes below /seaway/, and what answers to Docker's routes have beyond Docker's. */
import type { TSchema } from 'typebox';
import { parseQuery } from '../../../src/api/query.ts';
import type { Call, Route } from '../../../src/api/route.ts';
import { seawayRoutes } from '../../../src/api/routes/seaway.ts';
import type { NamespaceDetail } from '../../../src/engine/namespace-verbs.ts';
import type { ComparedScope } from '../../../src/engine/system-verbs.ts';
import type { Network } from '../../../src/model/network.ts';
import type { Node } from '../../../src/model/node.ts';
import { memoryMap } from '../../api/memory-map.ts';
import type { Description } from './description.ts';
import { examined, explained } from './explained.ts';
import { mapDescriptions } from './map-examples.ts';
import { networkDescriptions } from './network-descriptions.ts';
import { observeDescriptions } from './observe-examples.ts';
import { policies, policyDescriptions } from './policy-examples.ts';
import { portDescriptions, published } from './port-examples.ts';
import { code, markdownTable, pageOf } from './table.ts';

/** By method and path. The test fails for a route that is not here, and for an entry without a route. */
export const descriptions: Readonly<Record<string, Description>> = {
  'GET /seaway/namespaces': {
    what: 'Lists the network namespaces that the engine did not make and that are connected to its networks.',
    errors: [],
  },
  'GET /seaway/swarm': {
    what: `What a manager knows of the swarm: the revision of its state, how far each node has come with it, and how much of each network is
given away. \`Revision\` of a node is \`null\` where another manager has its session; the one that leads knows all. \`BehindSeconds\`: for how
long it has not acknowledged what it was sent. \`BusyPorts\`: published ports that a program of the node has.`,
    errors: ['NOT_SWARM_MANAGER', 'SWARM_WORKER', 'SWARM_LOCKED', 'SWARM_PREPARING'],
  },
  'GET /seaway/cluster/nodes': {
    what: `Lists the hosts of the cluster (\`--cluster-store\`). \`Status\`: \`here\` is this host; one that has not been heard of
for a while is \`lost\`, and keeps its addresses until it is forgotten. \`Endpoints\`: on networks of the cluster.`,
    errors: ['CLUSTER_NONE'],
  },
  'DELETE /seaway/cluster/nodes/:id': {
    what: 'Gives up a host that does not return: its endpoints are gone, their addresses are free. By id, a part of it, or name.',
    errors: ['CLUSTER_NONE', 'CLUSTER_NODE_NOT_FOUND', 'CLUSTER_NODE_AMBIGUOUS', 'CLUSTER_NODE_LIVE'],
  },
  ...policyDescriptions,
  'GET /seaway/compare': {
    what: `Compares all networks, sandboxes and the firewall with the kernel, and changes nothing. \`Compared\` is their
number; \`Scopes\` are those that differ, each with what the engine would do to make the kernel agree (\`Action\`: \`make\`,
\`change\`, \`remove\`; \`refuse\` where something that is not the engine's is in the way), or with the \`Error\` that kept it
from being compared. What a container has changed inside its own namespace is told as well, though healing leaves it alone.`,
    errors: [],
  },
  ...portDescriptions,
  'GET /seaway/doctor': {
    what: `Tells what is wrong, or will be: records compared with the kernel object by object, what the engine has left behind, its
resolver, and pitfalls of the host ([doctor](doctor.md)). Changes nothing. \`Would\` is what a fix would do.`,
    errors: [],
  },
  'POST /seaway/doctor/fix': {
    what: 'As `GET /seaway/doctor`, and cures what can be cured. `Outcome` is `fixed`, `failed`, or `open` where the cure is for people.',
    errors: [],
  },
  'GET /seaway/explain': {
    what: `Tells whether \`from\` reaches \`to\` (\`?from=web&to=db:5432\`, \`db:53/udp\`, \`db\`), and why not. A probe is sent and
followed through the rules of the host ([explain](explain.md)). \`Cause\` is \`null\` where nothing is wrong. \`texts=1\`: \`Rules\` have
the rules in their own words.`,
    errors: [
      'BAD_REQUEST',
      'EXPLAIN_UNKNOWN',
      'EXPLAIN_ELSEWHERE',
      'EXPLAIN_BESIDE',
      'EXPLAIN_FAMILIES',
      'EXPLAIN_NO_UPLINK',
    ],
  },
  ...observeDescriptions,
  ...mapDescriptions,
  ...networkDescriptions,
};

const detail: NamespaceDetail = {
  sandbox: {
    id: '5d0c'.repeat(16),
    containerId: '',
    kind: 'external',
    path: '/run/netns/vm1',
    hostname: '',
    domainname: '',
    extraHosts: [],
    dns: { servers: [], search: [], options: [] },
    ports: [],
    gateway4: '',
    gateway6: '',
    resolver: true,
    sysctls: {},
  },
  attachments: [
    {
      network: { name: 'app' } as Network,
      endpoint: {
        id: 'e7a1'.repeat(16),
        networkId: '41b2'.repeat(16),
        sandboxId: '5d0c'.repeat(16),
        containerId: '',
        name: 'vm1',
        ifname: 'eth0',
        hostLink: 'veth0a1b2c3',
        mac: '02:42:ac:12:00:02',
        addresses: ['172.18.0.2/16'],
        dnsNames: ['vm1', 'db'],
        order: 0,
        spec: { network: 'app', aliases: ['db'], links: [], linkLocal: [], driverOpts: {}, gwPriority: 0 },
      },
    },
  ],
  resolvConf: 'nameserver 127.0.0.11\noptions ndots:0\n',
};

const node: Node = {
  ...{ id: '9f31'.repeat(16), name: 'host2', advertise: '192.0.2.2:2376', data4: '192.0.2.2' },
  ...{ instance: '', mtu: 1500 },
};

const swarmState = {
  revision: 4_711,
  nodes: [
    {
      node: {
        ...{ id: '7fm3ere5ru7qzigb8ekeo8mwu', status: { state: 'ready' } },
        description: { hostname: 'host2', busyPorts: ['tcp 8080'] },
      },
      progress: { revision: 4_702, behind: 12_000 },
    },
  ],
  networks: [
    {
      network: { id: 'u2k8yb0r9w1k6p4n3z5x7c8v2', name: 'back' },
      use: [{ subnet: '10.0.1.0/24', used: 7n, free: 249n }],
    },
  ],
};

const compared: readonly ComparedScope[] = [
  { scope: 'firewall', name: 'firewall', changes: [], error: '' },
  {
    ...{ scope: `network:${'41b2'.repeat(16)}`, name: 'network app', error: '' },
    changes: [
      {
        ...{ action: 'change', kind: 'link', namespace: 'host', object: 'br-41b241b241b2' },
        differences: [{ field: 'mtu', desired: '1500', observed: '1400' }],
      },
    ],
  },
];

/** The route's own handler and presenter, asked of an engine that knows the namespace above. */
async function answerOf(route: Route): Promise<{ readonly status: number; readonly value: unknown }> {
  const networks = { rate: async () => ({ egress: 10_000_000 }) };
  const namespaces = {
    list: () => [detail],
    connect: async () => detail,
    disconnect: async () => undefined,
  };
  const system = {
    compare: async () => compared,
    explain: async () => explained,
    examine: async () => examined,
  };
  const cluster = { nodes: () => [{ node, endpoints: 2 }], forget: async () => undefined };
  const swarm = { state: async () => swarmState };
  const ports = { list: async () => [published], add: async () => published, remove: async () => undefined };
  const body = descriptions[keyOf(route)]?.example;
  const call = {
    engine: { networks, namespaces, system, cluster, swarm, ports, policies, map: memoryMap },
    server: { openPage: async () => ({ address: '127.0.0.1:43210', token: 'q3Zx...' }) },
    query: parseQuery('from=web&to=db:5432&container=web'),
    params: { id: 'app' },
    body,
  } as unknown as Call<unknown>;
  const answer = await route.handle(call);
  if (answer.kind === 'taken') throw new Error(`${keyOf(route)} streams: describe it otherwise`);
  return { status: answer.status, value: answer.kind === 'empty' ? undefined : answer.value };
}

export const keyOf = ({ method, path }: Pick<Route, 'method' | 'path'>): string => `${method} ${path}`;

const jsonBlock = (value: unknown): string => `\`\`\`json\n${JSON.stringify(value, undefined, 2)}\n\`\`\``;

function fieldRows(schema: TSchema): string[][] {
  const { properties } = schema as unknown as { properties: Record<string, { type?: string }> };
  return Object.entries(properties).map(([name, { type = 'any' }]) => [code(name), type]);
}

async function section(route: Route): Promise<string> {
  const { what, body, example, line, stream, errors } = descriptions[keyOf(route)] ?? {
    what: '',
    errors: [],
  };
  const head = [`## ${keyOf(route).replace(':id', '{id}')}`, what];
  const failures =
    errors.length > 0 ? [`Errors: ${errors.map((name) => `[${name}](errors.md)`).join(', ')}.`] : [];
  if (line) return pageOf([...head, 'Answer: `200`, lines of JSON.', jsonBlock(line), ...failures]);
  if (stream) return pageOf([...head, `Answer: \`200\`, ${stream}.`, ...failures]);
  const { status, value } = await answerOf(route);
  return pageOf([
    ...head,
    ...(body ? [markdownTable(['field of the body', 'type'], fieldRows(body)), jsonBlock(example)] : []),
    `Answer: \`${status}\`${value === undefined ? ', no body.' : '.'}`,
    ...(value === undefined ? [] : [jsonBlock(value)]),
    ...failures,
  ]);
}

export async function seawayApiPage(): Promise<string> {
  return pageOf([
    '# The /seaway/ API',
    `Routes that Docker's API does not have, at the same socket. All other routes are the Docker Engine API, versions 1.24
to 1.50. A version before the path is optional (\`/v1.50/seaway/namespaces\`). Errors have Docker's form,
\`{"message": "..."}\`. This page is generated from the routes, their schemas and their answers:
\`UPDATE_GOLDEN=1 vitest run test/golden/references.test.ts\`.`,
    ...(await Promise.all(seawayRoutes.map(section))),
    "## Additions to Docker's answers",
    markdownTable(
      ['where', 'addition'],
      [
        [
          '`GET /info`',
          '`Degraded`: networks, sandboxes and other scopes that do not hold at the moment, each with `Subject`, `Error`, `Since`, `NextAttempt`, `Attempts`; absent when there are none. `Warnings` has them as text',
        ],
        [
          '`GET /events`',
          'action `heal` of a network, a container or the daemon: objects that another program removed or changed were restored; `what`, and `by` whom they were probably changed',
        ],
        [
          '`GET /events`',
          'action `rate` of a container whose limits on the `network` were changed to `rates`',
        ],
        [
          '`GET /events`',
          'actions `port-add` and `port-remove` of a container, with the ports in the attribute `ports`: `0.0.0.0:8080->80/tcp`',
        ],
        [
          '`POST /networks/create`',
          'options `seaway.host_access` and `seaway.host_names`: [Networks](networks.md)',
        ],
      ],
    ),
  ]);
}
