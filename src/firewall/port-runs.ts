/** Neighbouring ports that lead to neighbouring ports become one range, so that the rules do not grow with the ports. */
import type { OpenPort, PublishedPort } from './input.ts';

/** Ports of one endpoint, in any order and each once. */
export function publishedRuns(ports: readonly PublishedPort[]): readonly PublishedPort[] {
  const isBound = ({ hostPort }: PublishedPort): boolean => hostPort !== 0;
  const keyOf = (port: PublishedPort): string =>
    [lineOf(port), port.hostIP, port.policy, isBound(port) && port.hostPort - port.containerPort].join(' ');
  return runsOf(ports, keyOf, (first, { hostPort, hostPortEnd = hostPort, ...last }) => ({
    ...first,
    ...(isBound(first) && { hostPortEnd }),
    containerPortEnd: lastOf(last),
  }));
}

/** Ports that are open at one endpoint, in any order. */
export const openRuns = (ports: readonly OpenPort[]): readonly OpenPort[] =>
  runsOf(ports, lineOf, (first, last) => ({ ...first, containerPortEnd: lastOf(last) }));

const lineOf = ({ link, protocol, address }: OpenPort): string => `${link} ${protocol} ${address}`;

const lastOf = ({
  containerPort,
  containerPortEnd = containerPort,
}: Pick<OpenPort, 'containerPort' | 'containerPortEnd'>): number => containerPortEnd;

function runsOf<P extends OpenPort>(
  ports: readonly P[],
  keyOf: (port: P) => string,
  join: (first: P, last: P) => P,
): readonly P[] {
  if (ports.length < 2) return ports;
  const lines = Map.groupBy(ports, keyOf).values();
  return [...lines].flatMap((line) => {
    const sorted = line.toSorted((a, b) => a.containerPort - b.containerPort);
    const runs: P[] = [];
    for (const port of sorted) {
      const before = runs.at(-1);
      if (before && port.containerPort <= lastOf(before) + 1) runs[runs.length - 1] = join(before, port);
      else runs.push(port);
    }
    return runs;
  });
}
