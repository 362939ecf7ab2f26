/** Ports in the words of events. */
import { publishedRuns } from '../firewall/port-runs.ts';
import type { PortMapping } from '../model/sandbox.ts';
import { joinHostPort } from '../net/address.ts';

/** `0.0.0.0:8080->80/tcp, [::]:8080->80/tcp`; neighbours as one range. */
export function portsText(ports: readonly PortMapping[]): string {
  const runs = publishedRuns(ports.map((port) => ({ ...port, link: '' })));
  return runs
    .map(({ hostIP, hostPort, hostPortEnd, containerPort, containerPortEnd, protocol }) => {
      const range = (first: number, last = first): string =>
        first === last ? `${first}` : `${first}-${last}`;
      const host = hostIP ? joinHostPort(hostIP, range(hostPort, hostPortEnd)) : range(hostPort, hostPortEnd);
      return `${host}->${range(containerPort, containerPortEnd)}/${protocol}`;
    })
    .join(', ');
}
