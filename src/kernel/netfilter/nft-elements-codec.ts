/** Messages of nf_tables about tables and elements of sets (linux/netfilter/nf_tables.h). Pure. */
import type { NftElement, NftElements, NftElementsChange, NftTable } from '../doors.ts';
import { Attributes, attributesOf, Writer } from '../netlink/attributes.ts';
import { type Message, NLM_F_CREATE, NLM_F_DUMP, type Request } from '../netlink/message.ts';

const NFNL_MSG_BATCH_BEGIN = 0x10;
const NFNL_MSG_BATCH_END = 0x11;
const NFNL_SUBSYS_NFTABLES = 10;
const NFNL_BATCH_GENID = 1;
const message = (number: number): number => (NFNL_SUBSYS_NFTABLES << 8) | number;
const NFT_MSG_GETTABLE = message(1);
const NFT_MSG_NEWSETELEM = message(12);
const NFT_MSG_GETSETELEM = message(13);
const NFT_MSG_DELSETELEM = message(14);
const LIST = { TABLE: 1, SET: 2, ELEMENTS: 3 } as const;
const ELEM = { KEY: 1, DATA: 2, FLAGS: 3, KEY_END: 10 } as const;
const LIST_ELEM = 1;
const DATA_VALUE = 1;
const INTERVAL_END = 1;
/** Elements of one message, whose list has room for 64 KiB. */
const perMessage = 400;

const nfproto = { 4: 2, 6: 10 } as const;

const body = (family: number, resource = 0): Writer =>
  new Writer().struct(4, (view) => {
    view.setUint8(0, family);
    view.setUint16(2, resource, false);
  });

export const getTable = ({ family, name }: NftTable): Request => ({
  ...{ type: NFT_MSG_GETTABLE, flags: 0 },
  body: body(nfproto[family]).text(LIST.TABLE, name),
});

export const listElements = ({ family, name }: NftTable, set: string): Request => ({
  ...{ type: NFT_MSG_GETSETELEM, flags: NLM_F_DUMP },
  body: body(nfproto[family]).text(LIST.TABLE, name).text(LIST.SET, set),
});

/** A whole transaction. Removals come first, because a key may get other data. */
export function changeElements(
  table: NftTable,
  { remove, add, generation }: NftElementsChange,
): readonly Request[] {
  return [
    {
      ...{ type: NFNL_MSG_BATCH_BEGIN, flags: 0 },
      body: body(0, NFNL_SUBSYS_NFTABLES).u32be(NFNL_BATCH_GENID, generation),
    },
    ...remove.flatMap((some) => messagesFor(table, some, { type: NFT_MSG_DELSETELEM, flags: 0 })),
    ...add.flatMap((some) => messagesFor(table, some, { type: NFT_MSG_NEWSETELEM, flags: NLM_F_CREATE })),
    { type: NFNL_MSG_BATCH_END, flags: 0, body: body(0, NFNL_SUBSYS_NFTABLES) },
  ];
}

function messagesFor(
  { family, name }: NftTable,
  { set, elements }: NftElements,
  about: Pick<Request, 'type' | 'flags'>,
): readonly Request[] {
  const requests: Request[] = [];
  for (let at = 0; at < elements.length; at += perMessage) {
    const some = elements.slice(at, at + perMessage);
    const writer = body(nfproto[family]).text(LIST.TABLE, name).text(LIST.SET, set);
    writer.nested(LIST.ELEMENTS, (list) => {
      for (const element of some) list.nested(LIST_ELEM, (one) => writeElement(one, element));
    });
    requests.push({ ...about, body: writer });
  }
  return requests;
}

function writeElement(writer: Writer, { key, keyEnd, data, isEnd }: NftElement): void {
  writer.nested(ELEM.KEY, (value) => value.data(DATA_VALUE, key));
  if (keyEnd) writer.nested(ELEM.KEY_END, (value) => value.data(DATA_VALUE, keyEnd));
  if (data) writer.nested(ELEM.DATA, (value) => value.data(DATA_VALUE, data));
  if (isEnd) writer.u32be(ELEM.FLAGS, INTERVAL_END);
}

/** The elements in a part of the answer to `listElements`. */
export function elementsIn({ body: bytes }: Message): readonly NftElement[] {
  const list = new Attributes(bytes.subarray(4)).data(LIST.ELEMENTS) ?? new Uint8Array();
  return Array.from(attributesOf(list), ([, element]) => readElement(new Attributes(element)));
}

function readElement(attributes: Attributes): NftElement {
  const value = (type: number): Uint8Array | undefined => attributes.nested(type).data(DATA_VALUE);
  const [keyEnd, data] = [value(ELEM.KEY_END), value(ELEM.DATA)];
  return {
    key: value(ELEM.KEY) ?? new Uint8Array(),
    ...(keyEnd && { keyEnd }),
    ...(data && { data }),
    ...(((attributes.data(ELEM.FLAGS)?.[3] ?? 0) & INTERVAL_END) !== 0 && { isEnd: true }),
  };
}
