import { describe, expect, it } from 'vitest';
import { endpoint, modelOf, network, nodes, peer, pool, sandbox } from '../../test/golden/plans/world.ts';
import { world } from '../../test/model/fixture.ts';
import { kindOf } from '../objects/kinds.ts';
import { planAccess } from './compile.ts';
import { judgeFlow, meet } from './judge.ts';
import { policyOfLabels } from './labels.ts';
import { readDocument } from './read-document.ts';
import { portWords, remoteWords } from './words.ts';

const app = network('app', {
  enableIPv6: true,
  pools: [pool('10.1.0.0/24', '10.1.0.1'), pool('fd00:1::/64', 'fd00:1::1')],
});
const ops = network('ops', { pools: [pool('10.2.0.0/24', '10.2.0.1')] });
const wide = network('wide', {
  ...{ driver: 'overlay', scope: 'global', pools: [pool('10.1.0.0/24', '10.1.0.1')] },
  overlay: { vnis: [256], mtu: 1450, encrypted: false },
});
const sample = world().container('sample');

interface Place {
  readonly name: string;
  readonly on: readonly (readonly [typeof app, readonly string[]])[];
  readonly labels?: Readonly<Record<string, string>>;
}

const places: readonly Place[] = [
  { name: 'db', on: [[app, ['10.1.0.2/24', 'fd00:1::2/64']]], labels: { tier: 'db' } },
  { name: 'web', on: [[app, ['10.1.0.3/24', 'fd00:1::3/64']]], labels: { tier: 'web' } },
  {
    name: 'web-2',
    on: [
      [app, ['10.1.0.4/24', 'fd00:1::4/64']],
      [ops, ['10.2.0.4/24']],
    ],
    labels: { tier: 'web' },
  },
  { name: 'far', on: [[wide, ['10.1.0.3/24']]] },
];

const made = places.map(({ name, on, labels = {} }) => {
  const box = sandbox(name);
  return {
    box,
    ends: on.map(([net, addresses], order) => endpoint({ network: net, sandbox: box }, { addresses, order })),
    container: {
      ...{ ...sample, id: box.containerId, name, sandboxId: box.id },
      config: { ...sample.config, Labels: labels },
    },
  };
});

const idOf = (name: string): string => made.find(({ container }) => container.name === name)?.box.id ?? '';

function modelWith(document: string) {
  const model = modelOf({
    networks: [app, ops, wide],
    sandboxes: made.map(({ box }) => box),
    endpoints: made.flatMap(({ ends }) => ends),
    nodes,
    peers: [peer(wide, 'web', ['10.1.0.77/24'])],
  });
  model.apply(made.map(({ container }) => ({ table: 'containers', put: container }) as const));
  model.apply(readDocument(document).map((put) => ({ table: 'policies', put }) as const));
  return model;
}

const planned = (document: string, name: string): readonly string[] => {
  const object = planAccess(modelWith(document), idOf(name));
  return object ? kindOf('access').print(object) : [];
};

const rules = (...lines: readonly string[]): string =>
  `policies:\n- {name: a, applies: db, ingress: [${lines.join(', ')}]}`;

describe('rules of a namespace', () => {
  it('are those of the policies that are for it, none elsewhere', () => {
    expect(planned(rules('{allow: web}'), 'db')).toEqual([
      'ingress allow from 10.1.0.3/32, fd00:1::3/128',
      'ingress deny from any',
    ]);
    expect(planned(rules('{allow: web}'), 'web')).toEqual([]);
  });

  it.each([
    [
      '{deny: "web*"}',
      ['ingress deny from 10.1.0.3/32, 10.1.0.4/32, 10.2.0.4/32, fd00:1::3/128, fd00:1::4/128'],
    ],
    [
      '{deny: label:tier=web}',
      ['ingress deny from 10.1.0.3/32, 10.1.0.4/32, 10.2.0.4/32, fd00:1::3/128, fd00:1::4/128'],
    ],
    ['{deny: {label: tier, network: ops}}', ['ingress deny from 10.2.0.4/32']],
    // a network that is not joined has the same addresses
    ['{deny: far}', ['ingress deny from nobody']],
    ['{deny: host}', ['ingress deny from 10.1.0.1/32, fd00:1::1/128']],
    ['{deny: outside}', ['ingress deny from all but 10.1.0.0/24, fd00:1::/64']],
    [
      '{deny: 10.9.8.7/16, ports: [80, 81-90, 85, 53/udp]}',
      ['ingress deny from 10.9.0.0/16 ports 80-90/tcp, 53/udp'],
    ],
  ])('%s', (line, expected) => {
    expect(planned(rules(line), 'db')).toEqual(expected);
  });

  it('are of one network where the policy is, and of containers on other hosts', () => {
    const document = `policies:
- {name: a, applies: {container: web-2, network: ops}, ingress: [{allow: any:22}]}
- {name: b, applies: {network: wide}, ingress: [{deny: web}]}`;
    expect(planned(document, 'web-2')).toEqual([
      'ingress allow from any ports 22/tcp at 10.2.0.4',
      'ingress deny from any at 10.2.0.4',
    ]);
    expect(planned(document, 'far')).toEqual(['ingress deny from 10.1.0.77/32, fd00:1::3/128 at 10.1.0.3']);
  });

  it('are in the order of the policies, and what none allows is denied after all of them', () => {
    const document = `policies:
- {name: b, applies: db, ingress: [{allow: web}]}
- {name: a, order: 5, applies: {label: tier=db}, ingress: [{deny: web-2}]}
- {name: c, applies: any, egress: [{allow: "*.debian.org:443"}]}`;
    expect(planned(document, 'db')).toEqual([
      'ingress deny from 10.1.0.4/32, 10.2.0.4/32, fd00:1::4/128',
      'ingress allow from 10.1.0.3/32, fd00:1::3/128',
      'ingress deny from any',
      'egress allow to names *.debian.org ports 443/tcp',
      'egress deny to any',
    ]);
  });
});

describe('the counter of a rule', () => {
  const counters = (...lines: readonly string[]): readonly string[] =>
    planAccess(modelWith(rules(...lines)), idOf('db'))?.ingress?.map(({ counter }) => counter) ?? [];
  const [web, far, same] = ['{deny: web}', '{deny: far}', '{deny: web, ports: 80}'] as const;

  it('goes with it where it is moved, and is another one for another rule', () => {
    const [first, second, third] = counters(web, far, same);
    expect(counters(same, far, web)).toEqual([third, second, first]);
    expect(new Set(counters(web, web, same, '{allow: web}')).size).toBe(5);
    expect(counters(far, web, web).slice(1)).toEqual(counters(web, web));
  });
});

describe('the rule that decides', () => {
  const document = `policies:
- {name: a, applies: db, ingress: [{deny: web-2}, {allow: label:tier=web, ports: 5432}]}
- {name: b, applies: web, egress: [{deny: db:22}, {allow: "*.debian.org"}, {allow: db}]}`;
  const model = modelWith(document);
  const ask = (from: string, to: string, port: number) => {
    const [a, b] = [idOf(from), idOf(to)];
    const at = b ? meet(model, a, b) : { network: '' };
    const address = b ? { to: 'to' in at ? at.to : '' } : {};
    const steps = judgeFlow(model, {
      from: { name: from, sandboxId: a, ...('from' in at && { address: at.from }) },
      to: { name: to, ...(b && { sandboxId: b, address: address.to ?? '' }) },
      protocol: 'tcp',
      port,
    });
    return steps.map(
      ({ direction, verdict, origin }) =>
        `${direction} ${verdict} ${origin?.policy ?? '-'} ${origin?.index ?? ''}`,
    );
  };

  it.each([
    ['web', 'db', 5432, ['egress allow b 3', 'ingress allow a 2']],
    ['web', 'db', 22, ['egress deny b 1', 'ingress deny a 0']],
    ['web-2', 'db', 5432, ['ingress deny a 1']],
    ['db', 'web', 80, []],
    ['web', 'deb.debian.org', 443, ['egress allow b 2']],
    ['web', 'debian.org', 443, ['egress deny b 0']],
  ] as const)('from %s to %s:%i', (from, to, port, steps) => {
    expect(ask(from, to, port)).toEqual(steps);
  });
});

it('judges a container in the network of the host by the address of the host', () => {
  const model = modelWith(`policies:
- {name: a, applies: db, ingress: [{deny: host}]}
- {name: b, applies: web, egress: [{deny: host}]}`);
  const host = sandbox('in-host', { kind: 'host' });
  model.apply([{ table: 'sandboxes', put: host }]);
  const judge = (from: string, to: string): readonly string[] => {
    const at = meet(model, from, to);
    const [start, end] = [
      { name: 'a', sandboxId: from, ...(at.from && { address: at.from }) },
      { name: 'b', sandboxId: to, ...(at.to && { address: at.to }) },
    ] as const;
    return judgeFlow(model, { from: start, to: end, protocol: 'tcp', port: 80 }).map(
      ({ direction, verdict }) => `${direction} ${verdict} ${at.network}`,
    );
  };
  expect(judge(host.id, idOf('db'))).toEqual(['ingress deny app']);
  expect(judge(idOf('web'), host.id)).toEqual(['egress deny app']);
  expect(judge(host.id, idOf('web-2'))).toEqual([]);
});

describe('labels of a container', () => {
  const read = (Labels: Record<string, string>) => policyOfLabels({ name: 'db', config: { Labels } });

  it('are a policy for it', () => {
    expect(read({ other: 'x' })).toBeUndefined();
    const { ingress = [], egress = [] } =
      read({
        'com.seaway.policy.allow-from': 'web:5432, label:role=backup,network:ops',
        'com.seaway.policy.deny-to': '*.example.com,10.0.0.0/8:*/udp',
      }) ?? {};
    expect(
      [...ingress, ...egress].map(({ verdict, remote, ports }) => [
        verdict,
        remoteWords(remote),
        ...ports.map(portWords),
      ]),
    ).toEqual([
      ['allow', 'web', '5432/tcp'],
      ['allow', 'label:role=backup'],
      ['allow', 'network:ops'],
      ['deny', '*.example.com'],
      ['deny', '10.0.0.0/8', '*/udp'],
    ]);
  });

  it.each([
    [{ 'com.seaway.policy.allow-form': 'web' }, 'invalid label "com.seaway.policy.allow-form": known are '],
    [
      { 'com.seaway.policy.allow-from': 'web:99999' },
      'invalid label "com.seaway.policy.allow-from": "99999" is not a port',
    ],
    [
      { 'com.seaway.policy.allow-to': 'a,'.repeat(1_001) },
      'invalid label "com.seaway.policy.allow-to": it has more than 1000 entries',
    ],
    [{ 'com.seaway.policy.allow-from': '' }, 'invalid label "com.seaway.policy.allow-from": "" is neither'],
  ])('that cannot be read are refused by name: %j', (labels, why) => {
    expect(() => read(labels as Record<string, string>)).toThrow(why);
  });
});
