import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasCode, messageOf } from '../errors.ts';
import { readDocument } from './read-document.ts';

const why = (text: string): string => {
  try {
    readDocument(text);
    return '';
  } catch (thrown) {
    expect(hasCode(thrown, 'POLICY_DOCUMENT')).toBe(true);
    return messageOf(thrown).replace('invalid policy document: ', '');
  }
};

describe('a document of policies', () => {
  it('is read with the line of each rule', () => {
    const document = `# who may talk to the database
policies:
  - name: database
    order: 10
    applies: { label: tier=db, network: app }
    ingress:
      - allow: web
        ports: [5432, 53/udp, 8000-8100/tcp]
      - deny: { container: 'batch-*', network: ops }
    egress:
      - allow: "*.Debian.org.:443"
      - allow: { name: deb.debian.org }
      - allow: 10.1.2.3/8
      - allow: "[fd00::1]:53/udp"
      - deny: host:icmp
      - deny: web.*:80
`;
    expect(readDocument(document)).toEqual([
      {
        ...{ id: 'database', order: 10, applies: { label: { name: 'tier', value: 'db' }, network: 'app' } },
        ingress: [
          {
            ...{ verdict: 'allow', line: 7, remote: { kind: 'containers', selector: { container: 'web' } } },
            ports: [
              { protocol: 'tcp', first: 5432, last: 5432 },
              { protocol: 'udp', first: 53, last: 53 },
              { protocol: 'tcp', first: 8000, last: 8100 },
            ],
          },
          {
            ...{ verdict: 'deny', line: 9, ports: [] },
            remote: { kind: 'containers', selector: { container: 'batch-*', network: 'ops' } },
          },
        ],
        egress: [
          {
            ...{ verdict: 'allow', line: 11, remote: { kind: 'name', pattern: '*.debian.org' } },
            ports: [{ protocol: 'tcp', first: 443, last: 443 }],
          },
          { verdict: 'allow', line: 12, remote: { kind: 'name', pattern: 'deb.debian.org' }, ports: [] },
          { verdict: 'allow', line: 13, remote: { kind: 'addresses', block: '10.0.0.0/8' }, ports: [] },
          {
            ...{ verdict: 'allow', line: 14, remote: { kind: 'addresses', block: 'fd00::1/128' } },
            ports: [{ protocol: 'udp', first: 53, last: 53 }],
          },
          {
            ...{ verdict: 'deny', line: 15, remote: { kind: 'host' } },
            ports: [{ protocol: 'icmp', first: 0, last: 0 }],
          },
          {
            ...{
              verdict: 'deny',
              line: 16,
              remote: { kind: 'containers', selector: { container: 'web.*' } },
            },
            ports: [{ protocol: 'tcp', first: 80, last: 80 }],
          },
        ],
      },
    ]);
  });

  it('may be JSON, a list, or a single policy', () => {
    const policy = { name: 'a', applies: 'any', ingress: [{ deny: 'any' }] };
    const [read] = readDocument(JSON.stringify(policy));
    expect(read).toMatchObject({ id: 'a', order: 100, applies: {}, egress: [] });
    expect(readDocument(JSON.stringify([policy]))).toEqual([read]);
    expect(readDocument(JSON.stringify({ policies: [policy] }))).toEqual([read]);
  });

  const policy = (more: string): string => `name: a\napplies: any\n${more}`;
  it.each([
    ['', 'line 1: there is no policy'],
    ['~', 'line 1: there is no policy'],
    ['name: a\nname: b', 'line 2: Map keys must be unique'],
    ['a: [', 'line 1: '],
    [policy('ingress: []\n---\nname: b'), 'line 4: a second document begins here'],
    ['applies: any\ningress: []', 'line 1: the policy has no name'],
    ['name: a\ningress: []', 'line 1: the policy does not say what it applies to'],
    [policy(''), 'line 1: the policy has neither "ingress" nor "egress"'],
    [policy('inress: []'), 'line 3: the document has no "inress"'],
    [policy('ingress: web'), 'line 3: "ingress" must be a list'],
    [policy('ingress:\n- web'), 'line 4: a rule must be a mapping with allow, deny, ports'],
    [policy('ingress:\n- {allow: a, deny: b}'), 'line 4: a rule has either "allow" or "deny"'],
    [policy('ingress:\n- allow: "a b"'), 'line 4: "a b" is neither a container\'s name nor an address'],
    [policy('ingress:\n- allow: a\n  ports: [80, 70000]'), 'line 5: "70000" is not a port'],
    [policy('ingress:\n- allow: a\n  ports: 90-80'), 'line 5: the range of ports "90-80" ends before'],
    [policy('ingress:\n- allow: a:80\n  ports: 80'), 'line 5: the ports are given twice'],
    [
      policy('ingress:\n- allow: {name: a.org}'),
      'line 4: a DNS name can be allowed or denied in "egress" only',
    ],
    [policy('egress:\n- allow: a..org'), 'line 4: "a..org" is not a DNS name'],
    [policy('egress:\n- allow: {address: 10.0.0.300}'), 'line 4: "10.0.0.300" is not an address'],
    [
      policy('egress:\n- allow: {address: 10.0.0.3, network: a}'),
      'line 4: an "address" or a "name" stands alone',
    ],
    [policy('egress:\n- allow: &x {container: a}\n- deny: *x'), 'line 5: aliases are not taken'],
    [policy('order: -1\negress: []'), 'line 3: "order" is a number from 0'],
    ['name: "; flush ruleset"\napplies: any\negress: []', 'line 1: "; flush ruleset" is not a name'],
    [
      `- {name: a, applies: any, egress: []}\n- {name: a, applies: any, egress: []}`,
      'line 2: a second policy is named "a"',
    ],
  ])('that is wrong is refused with its line: %j', (text, message) => {
    expect(why(text).slice(0, message.length)).toBe(message);
  });

  it('gives an error of the table or policies, whatever it is', () => {
    const word = fc.oneof(
      fc.constantFrom(
        'name: a',
        'applies: any',
        'ingress:',
        'egress:',
        '- allow: web',
        '  ports: [80',
        '&a',
        '*a',
      ),
      fc.constantFrom(
        '- {deny: ',
        '{',
        '}',
        ']',
        '---',
        '!!js/function',
        '"',
        '<<: *a',
        '? x',
        'policies:',
        '\t',
        '|',
      ),
      fc.string({ maxLength: 12 }),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 14 }), fc.constantFrom('\n', ' '), (words, between) => {
        why(words.join(between));
      }),
      { numRuns: 3_000 },
    );
  });
});
