/** Messages to a node, as long as it reads them. */
import type { ServerHttp2Stream } from 'node:http2';
import { lineOf } from './lines.ts';
import type { ToNode } from './protocol.ts';

/** Bytes: several times the whole set of a large node. */
const mostUnread = 64 << 20;

/** Sets are sent one after the other, so that a slow node gets the newest one and not all of them. */
export const behind =
  (stream: Pick<ServerHttp2Stream, 'once' | 'writableNeedDrain'>) =>
  (read: () => void): boolean => {
    if (!stream.writableNeedDrain) return false;
    stream.once('drain', read);
    return true;
  };

export type Outlet = Pick<ServerHttp2Stream, 'destroyed' | 'writable' | 'writableLength' | 'write' | 'close'>;

/** `full`: the node does not read; its session is over, and it begins another one when it can. */
export const sendTo =
  (stream: Outlet, full: () => void) =>
  (message: ToNode): void => {
    if (stream.destroyed || !stream.writable) return;
    if (stream.writableLength > mostUnread) {
      full();
      stream.close();
      return;
    }
    stream.write(lineOf(message));
  };
