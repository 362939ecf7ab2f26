/** `seaway-resolver`: the embedded DNS server of all sandboxes of one engine. */
import { rmSync, watch, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../errors.ts';
import { confine } from '../kernel/confine/confine.ts';
import { createLogger } from '../observe/logger.ts';
import { Announcer } from '../resolver/announcer.ts';
import { openControl } from '../resolver/control.ts';
import { createFaults } from '../resolver/faults.ts';
import { inboxName, openSocketInbox } from '../resolver/inbox.ts';
import { processName } from '../resolver/launch.ts';
import { socketName } from '../resolver/protocol.ts';
import { RelayServer } from '../resolver/relay-server.ts';
import { createResolverServer } from '../resolver/server.ts';
import { Tally } from '../resolver/tally.ts';
import { restWhenQuiet } from './rest.ts';

interface Flags {
  readonly state: string;
  readonly run: string;
  readonly pidfile: string;
  /** The host's resolv.conf. */
  readonly resolvConf: string;
  readonly debug: boolean;
}

const usage =
  'usage: seaway-resolver --state FOLDER --run FOLDER --pidfile FILE [--resolv-conf FILE] [--debug]';

function readFlags(): Flags {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { state: text, run: text, pidfile: text, 'resolv-conf': text, debug: { type: 'boolean' } },
  });
  const { state, run, pidfile, debug = false } = values;
  if (!state || !run || !pidfile) throw new Error(usage);
  return { state, run, pidfile, debug, resolvConf: values['resolv-conf'] ?? '/etc/resolv.conf' };
}

async function main(flags: Flags): Promise<void> {
  process.title = processName;
  const log = createLogger(flags.debug ? 'debug' : 'info');
  const faults = createFaults(log);
  const shared = { faults, tally: new Tally(), announcer: new Announcer() };
  const places = { control: join(flags.run, socketName), inbox: join(flags.run, inboxName) };
  rmSync(places.inbox, { force: true });
  const before = process.umask(0o177);
  const inbox = openSocketInbox(places.inbox);
  process.umask(before);
  const server = createResolverServer({ ...flags, ...shared, inbox, log });
  const stop = (why: string): never => {
    log.info('ends', { why });
    process.exit(0);
  };
  // first, since clients of the socket may read the pid
  writeFileSync(flags.pidfile, `${process.pid}\n`);
  const answered = restWhenQuiet();
  const relays = new RelayServer({ inbox, log });
  const control = await openControl({ path: places.control, ...shared, server, relays, stop, answered });
  const look = (): void => {
    if (!control.isReachable()) stop('the control socket is gone');
    if (!server.isCurrent()) stop('the store is gone');
  };
  // a removed folder is reported as a change of its own name
  watchNames(flags.run, [socketName, basename(flags.run)], look);
  watchNames(flags.run, [inboxName], () => stop('the socket for descriptors is gone'));
  watchNames(flags.state, [basename(flags.state), 'data.mdb'], look);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(signal));
  // the engine's terminal is not the resolver's
  process.on('SIGHUP', () => {});
  // an unhandled error concerns one question or one sandbox; the others are still served
  const overlooked = (error: unknown): void =>
    faults.note('an error that nobody handled', { error: stackOf(error) });
  process.on('uncaughtException', overlooked);
  process.on('unhandledRejection', overlooked);
  const left = confine();
  for (const what of left) log.warn('has more privileges than it needs', { what });
  log.info('serves', { pid: process.pid, run: flags.run });
}

const stackOf = (error: unknown): string => (error instanceof Error && error.stack) || String(error);

/** Calls `changed` when one of these names appears or disappears in a folder, or the folder itself does. */
function watchNames(folder: string, names: readonly string[], changed: () => void): void {
  watch(folder, (event, name) => {
    if (event === 'rename' && name !== null && names.includes(name)) changed();
  }).on('error', changed);
}

try {
  await main(readFlags());
} catch (error) {
  process.stderr.write(`seaway-resolver: ${messageOf(error)}\n`);
  process.exit(1);
}
