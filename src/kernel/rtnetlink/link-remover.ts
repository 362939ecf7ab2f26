/**
 * Removes links off the event loop. Removing one takes the kernel some 10 ms (RCU grace periods); removing many at
 * once takes hardly longer. So links are put into a random link group, and the group is removed in one call.
 * Requests that come during a removal share the next one.
 */
import { randomInt } from 'node:crypto';
import { fail } from '../../errors.ts';
import { errno } from '../ffi/constants.ts';
import { kernelError } from '../ffi/fault.ts';
import type { Verdict } from '../netlink/message.ts';
import type { NetlinkSocket } from '../netlink/socket.ts';
import { deleteLink, setGroup } from './link-codec.ts';

/** Acknowledgements of one batch must fit into the socket's receive buffer. */
const BATCH = 256;
/** INIT_NETDEV_GROUP, `default` in /etc/iproute2/group. */
const NO_GROUP = 0;

interface Removal {
  readonly names: readonly string[];
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

type Failures = ReadonlyMap<string, Error>;

export class LinkRemover {
  readonly #open: () => NetlinkSocket;
  #socket: NetlinkSocket | undefined;
  #waiting: Removal[] = [];
  #running = false;
  #closed = false;

  /** `open` opens a socket for this remover; called when first needed. */
  constructor(open: () => NetlinkSocket) {
    this.#open = open;
  }

  /** Missing names are no error. */
  remove(names: readonly string[]): Promise<void> {
    if (names.length === 0) return Promise.resolve();
    if (this.#closed) return Promise.reject(fail('BUG', 'links were removed by a socket that is closed'));
    return new Promise((done, failed) => {
      this.#waiting.push({ names, done, failed });
      if (!this.#running) void this.#run();
    });
  }

  /** Finishes running removals first. */
  close(): void {
    this.#closed = true;
    if (!this.#running) this.#socket?.close();
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      const removals = this.#waiting;
      this.#waiting = [];
      await this.#grant(removals);
    }
    this.#running = false;
    if (this.#closed) this.#socket?.close();
  }

  async #grant(removals: readonly Removal[]): Promise<void> {
    try {
      this.#socket ??= this.#open();
      const failures = await removeAll(this.#socket, [...new Set(removals.flatMap(({ names }) => names))]);
      for (const removal of removals) finish(removal, failures);
    } catch (error) {
      for (const removal of removals) removal.failed(error);
    }
  }
}

function finish(removal: Removal, failures: Failures): void {
  const failure = removal.names.map((name) => failures.get(name)).find((error) => error !== undefined);
  if (failure === undefined) removal.done();
  else removal.failed(failure);
}

async function removeAll(socket: NetlinkSocket, names: readonly string[]): Promise<Failures> {
  const failures = new Map<string, Error>();
  for (let start = 0; start < names.length; start += BATCH) {
    const batch = names.slice(start, start + BATCH);
    if (batch.length > 1 && (await removeGroup(socket, batch))) continue;
    await removeEach(socket, batch, failures);
  }
  return failures;
}

/** False where a link of the group cannot be removed. */
async function removeGroup(socket: NetlinkSocket, names: readonly string[]): Promise<boolean> {
  // a random group, so that only these links are in it
  const group = randomInt(0x1000_0000, 0x7fff_ffff);
  const marks = await socket.requestMany(names.map((name) => setGroup(name, group)));
  if (marks.every(({ errno: reason }) => reason === errno.ENODEV)) return true;
  const [removal] = await socket.requestMany([deleteLink({ group })]);
  return removal !== undefined && isGone(removal) && marks.every(isGone);
}

async function removeEach(
  socket: NetlinkSocket,
  names: readonly string[],
  failures: Map<string, Error>,
): Promise<void> {
  const answers = await socket.requestMany(names.map((name) => deleteLink({ name })));
  const stayed = names.filter((name, index) => {
    const answer = answers[index];
    if (answer === undefined || isGone(answer)) return false;
    failures.set(name, kernelError(`remove link "${name}"`, answer.errno, answer.extack));
    return true;
  });
  if (stayed.length > 0) await socket.requestMany(stayed.map((name) => setGroup(name, NO_GROUP)));
}

const isGone = ({ errno: reason }: Verdict): boolean => reason === 0 || reason === errno.ENODEV;
