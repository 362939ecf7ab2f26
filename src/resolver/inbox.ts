/** Sockets that the engine has sent for sandboxes that it has not yet asked to serve. */
import { closeDescriptor, openInbox, type Parcel } from '../kernel/descriptors.ts';
import type { SocketUse } from './sandbox-sockets.ts';

/** File name in the run folder. */
export const inboxName = 'resolver.sockets';

/** A descriptor for each use, in the same order. */
export interface SentSockets {
  readonly uses: readonly SocketUse[];
  readonly descriptors: readonly number[];
}

export interface Inbox {
  /** The sockets sent last for a sandbox. Throws an `Error` if they are missing or incomplete. */
  take(sandbox: string): SentSockets;
  /** Closes unclaimed sockets, whose engine is gone. */
  clear(): void;
  close(): void;
}

export function openSocketInbox(path: string): Inbox {
  const inbox = openInbox(path);
  const waiting = new Map<string, Parcel>();
  const discard = (sandbox: string): void => {
    for (const fd of waiting.get(sandbox)?.descriptors ?? []) closeDescriptor(fd);
    waiting.delete(sandbox);
  };
  const look = (): void => {
    for (let parcel = inbox.take(); parcel; parcel = inbox.take()) {
      const { sandbox } = label(parcel);
      discard(sandbox);
      waiting.set(sandbox, parcel);
    }
  };
  const clear = (): void => {
    look();
    for (const sandbox of [...waiting.keys()]) discard(sandbox);
  };
  return {
    take(sandbox) {
      look();
      const parcel = waiting.get(sandbox);
      if (!parcel) throw new Error(`no sockets were sent for sandbox ${sandbox}`);
      const { uses } = label(parcel);
      const { descriptors, isCut } = parcel;
      if (isCut || descriptors.length !== uses.length) {
        discard(sandbox);
        throw new Error(`only ${descriptors.length} of ${uses.length} sockets arrived: too many open files`);
      }
      waiting.delete(sandbox);
      return { uses, descriptors };
    },
    clear,
    close() {
      clear();
      inbox.close();
    },
  };
}

/** The text of a parcel with the sockets of a sandbox. */
export const labelFor = (sandbox: string, uses: readonly SocketUse[]): string =>
  JSON.stringify({ sandbox, uses });

/** Trusted: only root can send. */
const label = ({ text }: Parcel) =>
  JSON.parse(text) as { readonly sandbox: string; readonly uses: readonly SocketUse[] };
