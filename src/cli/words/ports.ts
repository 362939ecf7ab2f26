/** Ports in words: `0.0.0.0:9000-9002->9000-9002/udp, 80/tcp`. */

import type { PortSummary } from '#client/answers.ts';
import { joinHostPort } from '../../net/address.ts';

interface Run {
  readonly ip: string;
  readonly type: string;
  readonly first: number;
  last: number;
}

const order = (a: PortSummary, b: PortSummary): number => {
  if (a.PrivatePort !== b.PrivatePort) return a.PrivatePort - b.PrivatePort;
  const [ipA, ipB] = [a.IP ?? '', b.IP ?? ''];
  if (ipA !== ipB) return ipA < ipB ? -1 : 1;
  const difference = (a.PublicPort ?? 0) - (b.PublicPort ?? 0);
  return difference !== 0 ? difference : a.Type < b.Type ? -1 : 1;
};

function shownRun({ ip, type, first, last }: Run): string {
  const range = first === last ? String(first) : `${first}-${last}`;
  return ip === '' ? `${range}/${type}` : `${joinHostPort(ip, range)}->${range}/${type}`;
}

/**
 * The ports of a container in one line, as Docker's client has them: runs of ports that keep their number or
 * are not published come first, ports with another number on the host after them.
 */
export function shownPorts(ports: readonly PortSummary[]): string {
  const closed: string[] = [];
  const open = new Map<string, Run>();
  const moved: string[] = [];
  for (const { IP: ip = '', PrivatePort: port, PublicPort: host = 0, Type: type } of [...ports].sort(order)) {
    if (ip !== '' && host !== port) {
      moved.push(`${joinHostPort(ip, host)}->${port}/${type}`);
      continue;
    }
    const key = `${ip}/${type}`;
    const run = open.get(key);
    if (run !== undefined && port === run.last + 1) {
      run.last = port;
      continue;
    }
    if (run !== undefined) closed.push(shownRun(run));
    open.set(key, { ip, type, first: port, last: port });
  }
  return [...closed, ...[...open.values()].map(shownRun), ...moved].join(', ');
}
