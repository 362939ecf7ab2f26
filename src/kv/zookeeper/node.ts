/** Requests about single nodes. */
import type { Connection, Reply } from './connection.ts';
import { foldersTo } from './paths.ts';
import {
  type Body,
  code,
  containerBody,
  nameOf,
  opcode,
  pathBody,
  readBody,
  readStat,
  type Stat,
} from './protocol.ts';

/** An error code of ZooKeeper. */
export class Answered extends Error {
  readonly code: number;

  constructor(number: number) {
    super(nameOf(number));
    this.code = number;
  }
}

async function ask(connection: Connection, type: number, body: Body): Promise<Reply> {
  const reply = await connection.ask(type, body);
  if (reply.error !== code.ok && reply.error !== code.noNode) throw new Answered(reply.error);
  return reply;
}

export type Held = { readonly zxid: number; readonly stat?: Stat; readonly value?: string };

export async function read(connection: Connection, path: string): Promise<Held> {
  const { zxid, error, reader } = await ask(connection, opcode.getData, readBody(path));
  if (error === code.noNode) return { zxid };
  const value = reader.text();
  return { zxid, value, stat: readStat(reader) };
}

/** Undefined if the node does not exist. */
export async function statOf(connection: Connection, path: string): Promise<Stat | undefined> {
  const { error, reader } = await ask(connection, opcode.exists, readBody(path));
  return error === code.noNode ? undefined : readStat(reader);
}

export async function childrenOf(connection: Connection, path: string): Promise<readonly string[]> {
  const { error, reader } = await ask(connection, opcode.getChildren, readBody(path));
  return error === code.noNode ? [] : reader.texts();
}

/** Later reads on this connection are at least as new as this call. */
export async function sync(connection: Connection): Promise<void> {
  await ask(connection, opcode.sync, pathBody('/'));
}

/**
 * Creates missing folders down to a path as container nodes, which the server removes once they are empty. Existing ones are left
 * alone: this client may lack permission for them.
 */
export async function makeFolders(connection: Connection, path: string): Promise<void> {
  for (const folder of foldersTo(path)) {
    if ((await statOf(connection, folder)) !== undefined) continue;
    const { error } = await connection.ask(opcode.createContainer, containerBody(folder));
    if (error !== code.ok && error !== code.nodeExists) throw new Answered(error);
  }
}
