/** What a careless or hostile client may write: right words, changed, and words that programs and rules would trip over. */
import fc from 'fast-check';

/** A file that a shell would make, a network that a rule would name, a table that a script would add. */
export const traps = { file: '/tmp/seaway-fuzz-was-here', address: '203.0.113.66', table: 'fuzzed' } as const;

const rule = `-A INPUT -s ${traps.address} -j DROP`;

const nasty: readonly string[] = [
  '',
  ' ',
  '-',
  '--help',
  '.',
  '..',
  '../../etc/passwd',
  '/',
  '%',
  '%s%n%00',
  '*',
  '+',
  '!',
  '#',
  '\\',
  '\0',
  '\r\n',
  'a\nb',
  '"',
  "'",
  '`',
  '{}',
  '}',
  ';',
  '$',
  `$(touch ${traps.file})`,
  `\`touch ${traps.file}\``,
  `;touch ${traps.file};`,
  `'; touch ${traps.file}; '`,
  `"\nCOMMIT\n*filter\n${rule}\nCOMMIT\n`,
  `x" ${rule}`,
  `x\n${rule}\n`,
  `x" }; add table ip ${traps.table}; #`,
  `x; add table ip ${traps.table}`,
  `} } table ip ${traps.table} { chain c { } }`,
  '🐳',
  'n\u0301ame',
  '\u202egnp.exe',
  '\ud800',
  'ẞßſK',
  '٣٢',
  'NaN',
  'null',
  'undefined',
  '__proto__',
  'constructor',
  'toString',
  '0x10',
  '1e3',
  '-1',
  '00080',
  '65536',
  '4294967297',
  '99999999999999999999',
  '9'.repeat(400),
  'a'.repeat(5000),
  `[${':'.repeat(40)}]`,
];

const part = fc.oneof(
  fc.constantFrom(...nasty),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
);

/** A right word as it is, with something put into it, cut short, doubled, or another one. */
export const changed = (...right: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    // mostly right, as the first wrong word of a request ends it
    { weight: 80, arbitrary: fc.constantFrom(...right) },
    {
      weight: 4,
      arbitrary: fc
        .tuple(fc.constantFrom(...right), part, fc.nat(40))
        .map(([word, extra, at]) => word.slice(0, at) + extra + word.slice(at)),
    },
    { weight: 1, arbitrary: fc.constantFrom(...right).map((word) => word + word) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constantFrom(...right), fc.nat(20)).map(([word, at]) => word.slice(at)),
    },
    { weight: 2, arbitrary: part },
  );

export const words = {
  name: changed('net1', 'web.1', 'a_b-c'),
  link: changed('br-fuzz', 'eth0', 'up0'),
  address: changed(
    '127.0.0.1',
    '198.51.100.2',
    '::1',
    '[::1]',
    '0.0.0.0',
    '::',
    '2001:db8::1',
    'fe80::1%up0',
    '::ffff:1.2.3.4',
  ),
  subnet: changed('10.99.0.0/24', 'fd99::/64', '10.99.0.0/31', '0.0.0.0/0', '::/0', '10.99.0.1/24'),
  mac: changed('02:42:ac:11:00:02', '02-42-ac-11-00-02', 'ff:ff:ff:ff:ff:ff'),
  port: changed('80', '8080', '8000-8010', '80/tcp', '53/udp', '132/sctp', '0', '1-65535'),
  publish: changed(
    '8080:80',
    '127.0.0.1:8080:80/tcp',
    '[::1]:53:53/udp',
    '8000-8009:80-89',
    'up0:8080:80',
    '80',
    ':80',
    '0.0.0.0::80',
  ),
  rate: changed('10mbit', '1.5gbit', '500kbps', '8kbit', 'none', ''),
  policy: changed('host', 'open', ''),
  end: changed(
    'web',
    'web:80',
    'outside:192.0.2.1',
    'host',
    'outside',
    '[fd00::1]:80',
    'web:53/udp',
    '10.1.2.3',
    'label:tier=db',
    '*.debian.org:443',
    'name:x.y:1',
  ),
  filter: changed(
    'tcp port 80',
    'host 10.0.0.1 and not arp',
    'icmp or icmp6',
    'ip[0] & 0xf > 5',
    'ether host 02:42:ac:11:00:02',
    'net 10.0.0.0/8',
    '((',
    'portrange 1-2',
  ),
  option: changed('true', 'false', '1500', '1', 'nat', 'routed', 'eth', 'br-fuzz', '10.99.0.1'),
  document: changed(
    'policies:\n  - name: p\n    applies: web\n    ingress:\n      - allow: web:80\n',
    'policies:\n  - name: p\n    applies: { label: tier=db, network: app }\n    egress:\n      - deny: "*.debian.org:443"\n        ports: [80, 53/udp]\n',
    '[{"name":"p","applies":"web","ingress":[{"allow":"10.0.0.0/8"}]}]',
    'policies: &a [*a]\n',
  ),
} as const;

export const policyLabels = [
  'com.seaway.policy.allow-from',
  'com.seaway.policy.deny-from',
  'com.seaway.policy.allow-to',
  'com.seaway.policy.deny-to',
];
