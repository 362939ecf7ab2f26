import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Announcement, Announcer } from './announcer.ts';
import { addressesIn } from './answered.ts';

/** `deb.debian.org`, an alias of `x` with its own time to live, and addresses of that; a record behind the answers. */
const answer = Buffer.from(
  [
    '1234 8180 0001 0003 0000 0001',
    '03646562 0664656269616e 036f7267 00 0001 0001',
    'c00c 0005 0001 00000064 0002 c00c',
    'c00c 0001 0001 0000012c 0004 c6336401',
    'c00c 001c 0001 000000c8 0010 20010db8000000000000000000000001',
    'c00c 0001 0001 0000000a 0004 0a000001',
  ]
    .join('')
    .replaceAll(' ', ''),
  'hex',
);

describe('addresses in an answer', () => {
  it('are those of its answer section, for the least time of its records', () => {
    expect(addressesIn(answer)).toEqual([
      { address: '198.51.100.1', ttl: 100 },
      { address: '2001:db8::1', ttl: 100 },
    ]);
  });

  it('are none where it cannot be read, whatever it is', () => {
    expect(addressesIn(answer.subarray(0, 60))).toEqual([]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(addressesIn(bytes)).toBeInstanceOf(Array);
        expect(addressesIn(Buffer.concat([answer.subarray(0, 12), bytes]))).toBeInstanceOf(Array);
      }),
    );
  });
});

describe('an announcement', () => {
  const name = (sandbox: string) => ({
    sandbox,
    name: 'a.org',
    addresses: [{ address: '192.0.2.1', ttl: 5 }],
  });

  it('is waited for until the engine has taken it', async () => {
    const announcer = new Announcer();
    const lines: Announcement[] = [];
    announcer.attach((line) => lines.push(JSON.parse(line)));
    let isTold = false;
    const told = announcer.announce(name('a')).then(() => {
      isTold = true;
    });
    await Promise.resolve();
    expect([isTold, lines]).toEqual([false, [{ id: 1, ...name('a') }]]);
    announcer.told(1);
    await told;
  });

  it('is kept for an engine that is away, once for each name of a sandbox', async () => {
    const announcer = new Announcer();
    const end = announcer.attach(() => {});
    end();
    for (const sandbox of ['a', 'b', 'a']) await announcer.announce(name(sandbox));
    const lines: Announcement[] = [];
    announcer.attach((line) => lines.push(JSON.parse(line)));
    expect(lines.map(({ sandbox }) => sandbox)).toEqual(['a', 'b']);
    expect(lines[0]).toMatchObject(name('a'));
  });
});
