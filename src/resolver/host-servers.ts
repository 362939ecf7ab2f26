/** The host's servers in its resolv.conf, which is read again after changes. */
import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { messageOf } from '../errors.ts';
import { numericOption, parseResolvConf } from '../names/resolv-conf.ts';
import type { Logger } from '../observe/logger.ts';

/** Servers with timeouts. */
export interface Servers {
  readonly addresses: readonly string[];
  /** Milliseconds for each try. */
  readonly timeout: number;
  /** How often each server is tried. */
  readonly attempts: number;
}

/** MAXNS of the C library, which Docker uses too. */
const maxServers = 3;

/** Clients give up after five seconds, so a second server must be tried before. */
function patience(options: readonly string[], servers: number): Omit<Servers, 'addresses'> {
  const seconds = numericOption(options, 'timeout') ?? (servers > 1 ? 2 : 4);
  const attempts = numericOption(options, 'attempts') ?? 2;
  return {
    timeout: Math.min(Math.max(seconds, 1), 5) * 1000,
    attempts: Math.min(Math.max(attempts, 1), 3),
  };
}

/** Uses the first servers and ignores invalid addresses. */
export function serversOf(addresses: readonly string[], options: readonly string[] = []): Servers {
  const used = addresses.filter((address) => isIP(address) !== 0).slice(0, maxServers);
  return { addresses: used, ...patience(options, used.length) };
}

/**
 * A function that returns the host's current servers. It checks the file at most once a second and only when
 * called, as the C library does: a watch would miss replaced files and changed links. A missing file means no
 * servers.
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
