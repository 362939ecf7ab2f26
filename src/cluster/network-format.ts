/** Reads a network from the cluster's store, and rejects values that no engine would have written. Pure. */
import Type from 'typebox';
import { Check } from 'typebox/value';
import type { Pool } from '../ipam/pool.ts';
import type { Network } from '../model/network.ts';
import { network as blockOf, contains, formatCidr, readAddress, readCidr } from '../net/address.ts';
import { BadRecord } from './bad-record.ts';

const map = Type.Record(Type.String({ maxLength: 4096 }), Type.String({ maxLength: 65_536 }));
const text = Type.String({ maxLength: 64 });
const pool = Type.Object({
  subnet: text,
  gateway: Type.Optional(text),
  ipRange: Type.Optional(text),
  auxAddresses: Type.Record(Type.String({ maxLength: 256 }), text),
});
const schema = Type.Object({
  id: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  name: Type.String({ minLength: 1, maxLength: 255, pattern: '^\\S+$' }),
  created: Type.String({ maxLength: 40, pattern: '^\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z$' }),
  driver: Type.Literal('overlay'),
  scope: Type.Literal('global'),
  ...{ internal: Type.Boolean(), attachable: Type.Boolean(), ingress: Type.Literal(false) },
  ...{ enableIPv4: Type.Boolean(), enableIPv6: Type.Boolean(), configOnly: Type.Literal(false) },
  configFrom: Type.String({ maxLength: 255 }),
  ...{ options: map, labels: map },
  ipam: Type.Object({
    driver: Type.Literal('default'),
    options: Type.Union([map, Type.Null()]),
    pools: Type.Array(pool, { minItems: 1, maxItems: 32 }),
    sent: Type.Optional(Type.Array(pool, { maxItems: 32 })),
  }),
  link: Type.Literal(''),
  predefined: Type.Literal(false),
  overlay: Type.Object({
    vnis: Type.Array(Type.Integer({ minimum: 1, maximum: 2 ** 24 - 1 }), { minItems: 1, maxItems: 32 }),
    mtu: Type.Integer({ minimum: 68, maximum: 65_535 }),
    encrypted: Type.Boolean(),
  }),
});

/** Without the parsed options: each host parses them itself. */
export type StoredNetwork = Omit<Network, 'parsed'>;

/** Throws BadRecord. */
export function readNetwork(json: unknown): StoredNetwork {
  if (!Check(schema, json)) throw new BadRecord('it is not of the form that networks have');
  const network: StoredNetwork = json;
  for (const pool of network.ipam.pools) checkPool(pool);
  return network;
}

function checkPool({ subnet, gateway, ipRange, auxAddresses }: Pool): void {
  const block = readCidr(subnet);
  if (!block || block.prefix === 0 || formatCidr(blockOf(block)) !== subnet)
    throw new BadRecord(`${subnet} is no subnet`);
  for (const address of [...(gateway === undefined ? [] : [gateway]), ...Object.values(auxAddresses)]) {
    const one = readAddress(address);
    if (!one || !contains(block, one)) throw new BadRecord(`${address} is no address of ${subnet}`);
  }
  const range = ipRange === undefined ? block : readCidr(ipRange);
  if (!range || !contains(block, range)) throw new BadRecord(`${ipRange} is no part of ${subnet}`);
}
