/** The servers of the host, as its resolv.conf names them, read again when the file has changed. */
import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { messageOf } from '../errors.ts';
import { numericOption, parseResolvConf } from '../names/resolv-conf.ts';
import type { Logger } from '../observe/logger.ts';

/** Whom to ask, and how patiently. */
export interface Servers {
  readonly addresses: readonly string[];
  /** Milliseconds for each try. */
  readonly timeout: number;
  /** How often each server is tried. */
  readonly attempts: number;
}

/** As many servers as the C library and Docker use (MAXNS). */
const maxServers = 3;

/** Docker's clients give up after five seconds: a second server must have had its turn by then. */
function patience(options: readonly string[], servers: number): Omit<Servers, 'addresses'> {
  const seconds = numericOption(options, 'timeout') ?? (servers > 1 ? 2 : 4);
  const attempts = numericOption(options, 'attempts') ?? 2;
  return {
    timeout: Math.min(Math.max(seconds, 1), 5) * 1000,
    attempts: Math.min(Math.max(attempts, 1), 3),
  };
}

/** Servers by address; what is no address cannot be asked. */
export function serversOf(addresses: readonly string[], options: readonly string[] = []): Servers {
  const used = addresses.filter((address) => isIP(address) !== 0).slice(0, maxServers);
  return { addresses: used, ...patience(options, used.length) };
}

/**
 * A function that gives the host's servers now. The file is looked at no more than once a second and
 * only when somebody asks, as the C library does: no watch misses a file that is replaced, or a link
 * that leads elsewhere. A file that is not there or names no server means that there is nobody to ask.
 */
export function watchHostServers(path: string, log: Logger): () => Servers {
  let servers: Servers = serversOf([]);
  let seen = '';
  let lookedAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (performance.now() - lookedAt < 1000) return servers;
    lookedAt = performance.now();
    try {
      const { mtimeMs, ino, size } = statSync(path);
      const stamp = `${mtimeMs} ${ino} ${size}`;
      if (stamp === seen) return servers;
      const read = parseResolvConf(readFileSync(path, 'utf8'));
      seen = stamp;
      servers = serversOf(read.servers, read.options);
      log.info('read the servers of the host', { path, servers: servers.addresses });
    } catch (error) {
      if (seen !== 'none') log.warn('no servers of the host', { path, error: messageOf(error) });
      seen = 'none';
      servers = serversOf([]);
    }
    return servers;
  };
}
