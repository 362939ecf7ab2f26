/**
 * The format of the records in the cluster's store. Anyone with access to the store could have written them, so a value that
 * does not match its schema is rejected. Fields unknown to this version are kept with the record. Pure.
 */
import Type, { type Static, type TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { messageOf } from '../errors.ts';
import type { Network } from '../model/network.ts';
import type { Node } from '../model/node.ts';
import type { Peer } from '../model/peer.ts';
import { BadRecord, NewerRecord } from './bad-record.ts';
import { readNetwork, type StoredNetwork } from './network-format.ts';

/** The format that this version writes, and the newest that it reads. */
export const format = 1;
/** Characters. A network with a thousand labels is far below it. */
const largest = 128 * 1024;

const id = Type.String({ pattern: '^[0-9a-f]{64}$' });
const time = Type.String({ maxLength: 40, pattern: '^\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z$' });
const name = Type.String({ maxLength: 255 });
const address = Type.String({ maxLength: 49, pattern: '^[0-9a-fA-F:.]+$' });

/** 32 bytes in base64. */
const wireguardKey = Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$' });

const headed = { format: Type.Integer({ minimum: 1, maximum: 1_000_000 }) };

const epoch = Type.Object({ ...headed, epoch: Type.String({ minLength: 1, maxLength: 64 }) });
const level = Type.Object({ ...headed, level: Type.Integer({ minimum: 1, maximum: 1_000_000 }) });
const live = Type.Object({ ...headed, instance: Type.String({ maxLength: 64 }) });
const owner = Type.Object({ ...headed, owner: id });
const claim = Type.Object({ ...headed, endpoint: id, node: id, since: time });
const node = Type.Object({
  ...headed,
  level: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
  node: Type.Object({
    ...{ id, name, advertise: Type.String({ maxLength: 64 }) },
    ...{ data4: Type.Optional(address), data6: Type.Optional(address) },
    instance: Type.String({ maxLength: 64 }),
    mtu: Type.Integer({ minimum: 68, maximum: 65_535 }),
    ...{ key: Type.Optional(wireguardKey), nextKey: Type.Optional(wireguardKey) },
    routes: Type.Optional(
      Type.Array(Type.String({ maxLength: 53, pattern: '^[0-9a-f:.]+/\\d+$' }), { maxItems: 128 }),
    ),
  }),
});
const peer = Type.Object({
  ...headed,
  peer: Type.Object({
    ...{ id, networkId: id, nodeId: id, name },
    dnsNames: Type.Array(name, { maxItems: 256 }),
    addresses: Type.Array(Type.String({ maxLength: 53 }), { maxItems: 2 }),
    mac: Type.String({ pattern: '^[0-9a-f]{2}(:[0-9a-f]{2}){5}$' }),
  }),
});

const network = Type.Object({ ...headed, network: Type.Unknown(), removing: Type.Optional(id) });

/** A network as stored. `removing` is the first step of its removal, and refuses new endpoints. */
export interface NetworkValue {
  readonly format: number;
  readonly network: StoredNetwork;
  /** Id of the node that is removing it. */
  readonly removing?: string;
}
export interface NodeValue {
  readonly format: number;
  /** The newest format that it writes. */
  readonly level: number;
  readonly node: Node;
}
export interface PeerValue {
  readonly format: number;
  readonly peer: Peer;
}
export type ClaimValue = Static<typeof claim>;

/** What it gives throws BadRecord. Schemas are compiled when they are first used: a store has thousands of records. */
function readerOf<S extends TSchema>(schema: S): (value: string) => Static<S> {
  let validator: ReturnType<typeof Compile<S>> | undefined;
  return (value) => {
    const json = jsonOf(value);
    // before its form, which may be another one
    refuseNewer(json);
    validator ??= Compile(schema);
    if (!validator.Check(json)) throw new BadRecord('it is not of the form that such records have');
    return json;
  };
}

function refuseNewer(json: unknown): void {
  if (typeof json !== 'object' || json === null || !('format' in json)) return;
  const { format: written } = json;
  if (Number.isInteger(written) && Number(written) > format)
    throw new NewerRecord(`its format is ${written}, this version knows ${format}`);
}

function jsonOf(value: string): unknown {
  if (value.length > largest) throw new BadRecord(`it has more than ${largest} characters`);
  try {
    return JSON.parse(value);
  } catch (error) {
    throw new BadRecord(messageOf(error));
  }
}

const [epochOf, levelOf, liveOf, ownerOf] = [
  readerOf(epoch),
  readerOf(level),
  readerOf(live),
  readerOf(owner),
];
const [nodeOf, peerOf, networkOf] = [readerOf(node), readerOf(peer), readerOf(network)];

export const readEpoch = (value: string): string => epochOf(value).epoch;
export const readLevel = (value: string): number => levelOf(value).level;
export const readInstance = (value: string): string => liveOf(value).instance;
export const readOwner = (value: string): string => ownerOf(value).owner;
export const readClaim: (value: string) => ClaimValue = readerOf(claim);
export const readNodeValue = (value: string): NodeValue => nodeOf(value) as NodeValue;
export const readPeerValue = (value: string): PeerValue => peerOf(value) as PeerValue;
export const readNetworkValue = (value: string): NetworkValue => {
  const { removing, ...json } = networkOf(value);
  return { ...json, network: readNetwork(json.network), ...(removing && { removing }) };
};

/** The same record without the mark of a removal. Fields unknown to this version are kept. */
export const unmarked = (value: string): string =>
  JSON.stringify({ ...(jsonOf(value) as object), removing: undefined });

const text = (value: object): string => JSON.stringify({ format, ...value });

export const writeEpoch = (epoch: string): string => text({ epoch });
export const writeLevel = (level: number): string => text({ level });
export const writeInstance = (instance: string): string => text({ instance });
export const writeOwner = (owner: string): string => text({ owner });
export const writeClaim = (claim: Omit<ClaimValue, 'format'>): string => text(claim);
export const writeNode = ({ here: _, lost: __, ...node }: Node): string => text({ level: format, node });
export const writePeer = (peer: Peer): string => text({ peer });
/** `removing`: id of the node that removes it. Fields that only concern this host are left out. */
export const writeNetwork = (
  { version: _, parsed: __, ...network }: StoredNetwork & Partial<Network>,
  removing?: string,
): string => text({ network, ...(removing && { removing }) });
