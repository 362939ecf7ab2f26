import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { container, modelOf, network, pool } from '../../../test/golden/plans/world.ts';
import type { AccessObject } from '../../objects/object.ts';
import { planAccess } from '../../policy/compile.ts';
import { readDocument } from '../../policy/read-document.ts';
import { accessCommands, existingIn } from './access-commands.ts';

const object: AccessObject = {
  ...{ kind: 'access', ns: 'a' },
  ingress: [
    {
      ...{ verdict: 'allow', counter: 'r-1', local: ['10.0.0.2', 'fd00::2'] },
      remote: { to: 'blocks', blocks: ['10.0.0.3/32'] },
      ports: [
        { protocol: 'icmp', first: 0, last: 0 },
        { protocol: 'tcp', first: 80, last: 90 },
      ],
    },
    {
      verdict: 'deny',
      counter: 'r-2',
      local: [],
      remote: { to: 'others', blocks: ['10.0.0.0/8'] },
      ports: [],
    },
    { verdict: 'deny', counter: 'r-3', local: [], remote: { to: 'blocks', blocks: [] }, ports: [] },
  ],
  egress: [
    {
      ...{ verdict: 'allow', counter: 'r-4', local: [], ports: [{ protocol: 'tcp', first: 443, last: 443 }] },
      remote: { to: 'name', pattern: '*.example.org' },
    },
    { verdict: 'deny', counter: 'r-5', local: [], remote: { to: 'any' }, ports: [] },
  ],
};

const rulesIn = (commands: string, chain: string): readonly string[] =>
  commands.split('\n').flatMap((line) => {
    const at = `add rule inet seaway-policy ${chain} `;
    return line.startsWith(at) ? [line.slice(at.length)] : [];
  });

describe('the commands for the rules of a namespace', () => {
  it('see each flow from both of its directions, and have none for what nobody can match', () => {
    const commands = accessCommands(object, undefined);
    expect(rulesIn(commands, 'ingress-in')).toEqual([
      'ip saddr { 10.0.0.3/32 } ip daddr { 10.0.0.2 } meta l4proto . th dport { tcp . 80-90 } counter name r-1 accept',
      'ip saddr { 10.0.0.3/32 } ip daddr { 10.0.0.2 } meta l4proto { icmp, ipv6-icmp } counter name r-1 accept',
      'ip saddr != { 10.0.0.0/8 } counter name r-2 goto refuse',
      'meta nfproto ipv6 counter name r-2 goto refuse',
    ]);
    expect(rulesIn(commands, 'ingress-out')[0]).toBe(
      'ip daddr { 10.0.0.3/32 } ip saddr { 10.0.0.2 } meta l4proto . th sport { tcp . 80-90 } counter name r-1 accept',
    );
    const flow = 'ip daddr . meta l4proto . th dport . th sport';
    const set = /n4-[0-9a-f]{16}/.exec(commands)?.[0];
    expect(rulesIn(commands, 'egress-out')).toMatchObject([
      `ct state established ${flow} @l4-r-4 ct expiration < 3m update @l4-r-4 { ${flow} timeout 3m } counter name r-4 accept`,
      `ct state established ${flow} @l4-r-4 update @l4-r-4 { ${flow} } counter name r-4 accept`,
      // two rules: a flow is allowed also where the set of flows is full
      `ip daddr @${set} meta l4proto . th dport { tcp . 443-443 } update @l4-r-4 { ${flow} timeout 3m }`,
      `ip daddr @${set} meta l4proto . th dport { tcp . 443-443 } counter name r-4 accept`,
      ...Array.from({ length: 4 }, () => expect.stringContaining('ip6 daddr')),
      'counter name r-5 goto refuse',
    ]);
  });

  it('keep what stays, and remove the rest after the rules that use it', () => {
    const commands = accessCommands(object, {
      ...{ sets: ['n4-0000000000000000'], counters: ['r-1', 'r-0'] },
      chains: ['ingress-in', 'digest-0000000000000000'],
    });
    const lines = commands.split('\n');
    expect(lines.filter((line) => line.startsWith('delete'))).toEqual([
      'delete chain inet seaway-policy digest-0000000000000000',
      'delete set inet seaway-policy n4-0000000000000000',
      'delete counter inet seaway-policy r-0',
    ]);
    const lastFlush = lines.findLastIndex((line) => line.startsWith('flush chain'));
    expect(lines.findIndex((line) => line.startsWith('delete'))).toBeGreaterThan(lastFlush);
  });

  it('make the table from nothing where it is not as the engine left it', () => {
    const lines = accessCommands(object, undefined).split('\n');
    const table = 'table inet seaway-policy';
    expect(lines.slice(0, 3)).toEqual([`add ${table}`, `delete ${table}`, `add ${table}`]);
    expect(accessCommands(object, { sets: [], counters: [], chains: [] })).not.toContain(`delete ${table}`);
  });

  it('have no names of others in them', () => {
    const listing = `table inet seaway-policy {
\tcounter r-0 {
\t}

\tset n4-0123456789abcdef {
\t\ttype ipv4_addr
\t}

\tchain digest-00 {
\t}

\tchain x;include"/a" {
\t}
}`;
    expect(existingIn(listing)).toEqual({
      ...{ sets: ['n4-0123456789abcdef'], counters: ['r-0'], chains: ['digest-00'] },
    });
  });

  it('have no text of a user in them, whatever policies, containers and labels are called', () => {
    const app = network('app', { pools: [pool('10.1.0.0/24', '10.1.0.1')] });
    const word = fc.oneof(
      fc.constantFrom(
        '; flush ruleset',
        'a } drop',
        '*.x.org',
        '"',
        '\n',
        'any',
        'label:a={',
        '::1',
        '10.0.0.0/8',
      ),
      fc.string({ maxLength: 10 }),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(word, fc.boolean()), { maxLength: 5 }), word, (ends, name) => {
        const rules = ends.map(([end, isAllowed]) => ({ [isAllowed ? 'allow' : 'deny']: end }));
        let policies: ReturnType<typeof readDocument> = [];
        try {
          policies = readDocument(
            JSON.stringify({ name: 'a', applies: 'any', ingress: rules, egress: rules }),
          );
        } catch {
          return;
        }
        const model = modelOf({
          networks: [app],
          ...container(name, [{ on: app, addresses: ['10.1.0.2/24'] }]),
        });
        model.apply(policies.map((put) => ({ table: 'policies', put }) as const));
        for (const { id } of model.all('sandboxes')) {
          const planned = planAccess(model, id);
          if (planned) expect(accessCommands(planned, undefined)).toMatch(/^[-_a-z0-9 .:,;@{}=!&<"/\n]*$/);
        }
      }),
    );
  });
});
