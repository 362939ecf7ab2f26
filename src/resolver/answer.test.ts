import { describe, expect, it } from 'vitest';
import { type NameEntry, type NameRecords, reverseName, type SandboxNames } from '../names/records.ts';
import { answerLocally } from './answer.ts';
import { recordType } from './message.ts';

const entry = (name: string, ipv4: string, ipv6 = ''): NameEntry => ({
  endpointId: name,
  ipv4,
  ipv6,
  name,
});
const s1 = entry('s1', '172.18.0.2');
const s2 = entry('s2', '172.18.0.3', 'fd00::3');
const other = entry('s1', '172.19.0.9');
const known = new Map<string, readonly NameEntry[]>([
  ['nn/s1', [s1]],
  ['nn/www', [s1, s2]],
  [`nn/${reverseName('172.18.0.2')}`, [s1]],
  [`nn/${reverseName('fd00::3')}`, [s2]],
  ['nn/a.b', [s2]],
  ['mm/s1', [other]],
  ['mm/only', [other]],
]);
const records: NameRecords = {
  lookup: (network, name) => known.get(`${network}/${name}`) ?? [],
  reverse: (network, address) => known.get(`${network}/${reverseName(address)}`)?.[0],
  sandbox: () => undefined,
  sandboxes: () => [],
  refresh: () => 0,
  close: () => {},
};
const sandbox: SandboxNames = {
  sandboxId: 'x',
  path: '',
  networks: [
    { id: 'nn', name: 'Front' },
    { id: 'mm', name: 'my.back' },
  ],
  privateNames: {
    db: [{ networkId: 'mm', name: 'only' }],
    www: [{ networkId: 'mm', name: 'gone' }],
    both: [
      { networkId: 'nn', name: 'only' },
      { networkId: 'mm', name: 'only' },
    ],
    left: [
      { networkId: 'away', name: 'only' },
      { networkId: 'mm', name: 'only' },
    ],
  },
  servers: [],
  forward: true,
  fixed: { 'host.docker.internal': ['172.18.0.1', 'fd00::1'] },
};

/** What is answered: addresses or names, or undefined where the question is another server's. */
const ask = (name: string, type: number = recordType.A, of = sandbox, asClass = 1) =>
  answerLocally(records, of, { name, type, class: asClass })?.map((record) =>
    record.type === 'PTR' ? record.target : record.address,
  );

describe('a name', () => {
  it('is answered by the first network that knows it, alone', () => {
    expect(ask('s1')).toEqual(['172.18.0.2']);
    expect(ask('only')).toEqual(['172.19.0.9']);
    const turned = { ...sandbox, networks: [...sandbox.networks].reverse() };
    expect(ask('s1', recordType.A, turned)).toEqual(['172.19.0.9']);
  });

  it('has any case, and is answered in the case in which it was asked', () => {
    expect(answerLocally(records, sandbox, { name: 'S1', type: 1, class: 1 })).toEqual([
      { type: 'A', name: 'S1', ttl: 600, address: '172.18.0.2' },
    ]);
  });

  it('of several endpoints has all their addresses', () => {
    expect(ask('www')).toEqual(['172.18.0.2', '172.18.0.3']);
    expect(ask('www', recordType.AAAA)).toEqual(['fd00::3']);
    expect(ask('www', recordType.ANY)).toEqual(['172.18.0.2', '172.18.0.3', 'fd00::3']);
  });

  it('that is known has an empty answer for any other type or class, and is never asked elsewhere', () => {
    expect(ask('s1', recordType.AAAA)).toEqual([]);
    expect(ask('s1', 15)).toEqual([]);
    expect(ask('s1', recordType.A, sandbox, 3)).toEqual([]);
  });

  it('with its network behind it is looked up there alone, in any case and with dots in either', () => {
    expect(ask('s1.front')).toEqual(['172.18.0.2']);
    expect(ask('s1.MY.back')).toEqual(['172.19.0.9']);
    expect(ask('a.b.front')).toEqual(['172.18.0.3']);
    expect(ask('www.my.back')).toBeUndefined();
  });

  it('of a link comes before the networks’ own, unless its container is gone', () => {
    expect(ask('db')).toEqual(['172.19.0.9']);
    expect(ask('db.my.back')).toEqual(['172.19.0.9']);
    expect(ask('db.front')).toBeUndefined();
    for (const alias of ['both', 'left', 'both.my.back']) expect(ask(alias)).toEqual(['172.19.0.9']);
    expect(ask('www')).toEqual(['172.18.0.2', '172.18.0.3']);
  });

  it('of the host has its fixed addresses', () => {
    expect(ask('HOST.docker.internal')).toEqual(['172.18.0.1']);
    expect(ask('host.docker.internal', recordType.AAAA)).toEqual(['fd00::1']);
  });

  it('that nobody has is another’s', () => {
    for (const name of ['nobody', 's1.example', '', 'constructor', 'ptr\\032172.18.0.2', '172.18.0.2'])
      expect(ask(name)).toBeUndefined();
  });
});

describe('an address', () => {
  it('leads back to NAME.NETWORK', () => {
    expect(ask('2.0.18.172.in-addr.arpa', recordType.PTR)).toEqual(['s1.Front']);
    const nibbles = `3.${'0.'.repeat(27)}0.0.d.f.ip6.arpa`;
    expect(ask(nibbles, recordType.PTR)).toEqual(['s2.Front']);
    expect(ask(nibbles.toUpperCase(), recordType.PTR)).toEqual(['s2.Front']);
  });

  it('that is known has an empty answer for other types', () => {
    expect(ask('2.0.18.172.in-addr.arpa')).toEqual([]);
  });

  it('of nobody, or of a whole network, is another’s', () => {
    for (const name of [
      '9.0.18.172.in-addr.arpa',
      '18.172.in-addr.arpa',
      'x.0.18.172.in-addr.arpa',
      'ip6.arpa',
    ])
      expect(ask(name, recordType.PTR)).toBeUndefined();
  });
});
