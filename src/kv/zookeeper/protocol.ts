/** The requests and replies that are used (zookeeper.jute of 3.6 and later). */
import { type Reader, Writer } from './jute.ts';

export const opcode = {
  delete: 2,
  exists: 3,
  getData: 4,
  setData: 5,
  getChildren: 8,
  sync: 9,
  ping: 11,
  check: 13,
  multi: 14,
  create: 1,
  createContainer: 19,
  addWatch: 106,
  closeSession: -11,
} as const;

/** Special request numbers. */
export const xid = { event: -1, ping: -2 } as const;

export const code = {
  ok: 0,
  inconsistency: -2,
  noNode: -101,
  noAuth: -102,
  badVersion: -103,
  nodeExists: -110,
  notEmpty: -111,
  sessionExpired: -112,
  authFailed: -115,
  sessionMoved: -118,
} as const;

const names: Readonly<Record<number, string>> = {
  [-4]: 'ConnectionLoss',
  [-5]: 'MarshallingError',
  [-6]: 'Unimplemented',
  [-7]: 'OperationTimeout',
  [-8]: 'BadArguments',
  [code.noNode]: 'NoNode',
  [code.noAuth]: 'NoAuth',
  [code.badVersion]: 'BadVersion',
  [-108]: 'NoChildrenForEphemerals',
  [code.nodeExists]: 'NodeExists',
  [code.notEmpty]: 'NotEmpty',
  [code.sessionExpired]: 'SessionExpired',
  [-114]: 'InvalidACL',
  [code.authFailed]: 'AuthFailed',
  [-125]: 'QuotaExceeded',
};
export const nameOf = (number: number): string => names[number] ?? `error ${number}`;

export type Stat = { readonly mzxid: number; readonly version: number; readonly owner: bigint };

export function readStat(reader: Reader): Stat {
  reader.long();
  const mzxid = Number(reader.long());
  reader.long();
  reader.long();
  const version = reader.int();
  reader.int();
  reader.int();
  const owner = reader.long();
  reader.int();
  reader.int();
  reader.long();
  return { mzxid, version, owner };
}

export type Handshake = {
  readonly timeout: number;
  readonly session: bigint;
  readonly password: Uint8Array;
  readonly lastZxid: bigint;
};

export const connectRequest = ({ timeout, session, password, lastZxid }: Handshake): Buffer =>
  new Writer().int(0).long(lastZxid).int(timeout).long(session).buffer(password).bool(false).framed();

export type Welcome = { readonly timeout: number; readonly session: bigint; readonly password: Buffer };

export function readWelcome(reader: Reader): Welcome {
  reader.int();
  return { timeout: reader.int(), session: reader.long(), password: Buffer.from(reader.buffer()) };
}

/** Writes the body of a request, after its header. */
export type Body = (writer: Writer) => Writer;

export const pathBody =
  (path: string): Body =>
  (writer) =>
    writer.text(path);
/** For requests that can set a one-shot watch; none is set. */
export const readBody =
  (path: string): Body =>
  (writer) =>
    writer.text(path).bool(false);
/** AddWatchMode.PERSISTENT_RECURSIVE. */
const persistentRecursive = 1;
export const addWatchBody =
  (path: string): Body =>
  (writer) =>
    writer.text(path).int(persistentRecursive);

export type Operation =
  | { readonly op: 'check' | 'delete'; readonly path: string; readonly version: number }
  | { readonly op: 'setData'; readonly path: string; readonly data: Uint8Array; readonly version: number }
  | { readonly op: 'create'; readonly path: string; readonly data: Uint8Array; readonly ephemeral: boolean };

/** Everyone has all permissions: access to the store is access to the networks. */
function openAcl(writer: Writer): Writer {
  return writer.int(1).int(31).text('world').text('anyone');
}

export const containerBody =
  (path: string): Body =>
  (writer) =>
    openAcl(writer.text(path).buffer(Buffer.alloc(0))).int(4);

function writeOperation(writer: Writer, operation: Operation): void {
  writer.int(opcode[operation.op]).bool(false).int(-1).text(operation.path);
  if (operation.op === 'create') openAcl(writer.buffer(operation.data)).int(operation.ephemeral ? 1 : 0);
  else if (operation.op === 'setData') writer.buffer(operation.data).int(operation.version);
  else writer.int(operation.version);
}

export const multiBody =
  (operations: readonly Operation[]): Body =>
  (writer) => {
    for (const operation of operations) writeOperation(writer, operation);
    return writer.int(-1).bool(true).int(-1);
  };

/** The error code of the operation that failed; the others report `inconsistency` or `ok`. */
export function readMultiError(reader: Reader): number {
  let failed: number = code.ok;
  for (;;) {
    const type = reader.int();
    const done = reader.bool();
    reader.int();
    if (done) return failed;
    if (type === -1) {
      const error = reader.int();
      if (error !== code.ok && (failed === code.ok || failed === code.inconsistency)) failed = error;
    } else if (type === opcode.create) reader.text();
    else if (type === opcode.setData) readStat(reader);
  }
}
