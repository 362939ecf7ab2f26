import { expect, test } from 'vitest';
import { TransactionLog } from './transaction-log.ts';

/** A message of nf_tables: family 2 is ip. */
function message(verb: number, attribute: Buffer): Buffer {
  const bytes = Buffer.alloc(20 + attribute.length);
  bytes.writeUInt32LE(bytes.length, 0);
  bytes.writeUInt16LE((10 << 8) | verb, 4);
  bytes[16] = 2;
  attribute.copy(bytes, 20);
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}

function attribute(value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(4 + value.length, 0);
  head.writeUInt16LE(1, 2);
  return Buffer.concat([head, value]);
}

const rule = (table: string): Buffer => message(6, attribute(Buffer.from(`${table}\0`)));

function number(generation: number): Buffer {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(generation);
  return message(15, attribute(value));
}

function log(...datagrams: readonly Buffer[]): TransactionLog {
  const made = new TransactionLog();
  made.begin(4);
  for (const datagram of datagrams) made.take(datagram);
  return made;
}

const tables = (changes: ReturnType<TransactionLog['between']>) =>
  changes?.transactions.map((one) => [...one]);

test('tells the tables of each transaction', () => {
  const made = log(
    Buffer.concat([rule('filter'), rule('seaway'), rule('filter'), number(5)]),
    rule('nat'),
    number(6),
  );
  expect(tables(made.between(4, 6))).toEqual([['ip filter', 'ip seaway'], ['ip nat']]);
  expect(tables(made.between(5, 6))).toEqual([['ip nat']]);
  expect(tables(made.between(6, 6))).toEqual([]);
});

test('knows nothing of what came before it, or has not come yet', () => {
  const made = log(rule('filter'), number(5), rule('nat'));
  expect(made.between(3, 5)).toBeUndefined();
  expect(made.between(4, 6)).toBeUndefined();
  made.take(number(6));
  expect(tables(made.between(5, 6))).toEqual([['ip nat']]);
});

test('leaves out a transaction that was under way when it began', () => {
  const made = log(rule('filter'), number(4), rule('nat'), number(5));
  expect(tables(made.between(4, 5))).toEqual([['ip nat']]);
});

test.each([
  ['a number is missing', (made: TransactionLog) => made.take(number(6))],
  ['messages were lost', (made: TransactionLog) => made.lose()],
])('knows nothing once %s, until it begins again', (_, spoil) => {
  const made = log(rule('filter'));
  spoil(made);
  made.take(number(7));
  expect(made.isWhole).toBe(false);
  expect(made.between(4, 7)).toBeUndefined();
  made.begin(7);
  made.take(Buffer.concat([rule('raw'), number(8)]));
  expect(tables(made.between(7, 8))).toEqual([['ip raw']]);
});

test('keeps the last of very many transactions', () => {
  const made = log();
  for (let n = 5; n <= 20_004; n++) made.take(Buffer.concat([rule('filter'), number(n)]));
  expect(made.between(4, 20_004)).toBeUndefined();
  expect(made.between(19_000, 20_004)?.transactions).toHaveLength(1_004);
});
