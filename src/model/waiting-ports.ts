/** Numbers that the host chose for ports on links, kept while a link has no address. */
import type { Container } from './container.ts';
import { answeredKey, specKey } from './port-answers.ts';
import { isBound } from './port-index.ts';
import { fixedPort, linkOf, publishedSpecs } from './port-specs.ts';
import type { PortMapping, WaitingPort } from './sandbox.ts';

interface Ports {
  readonly ports: readonly PortMapping[];
  /** Those before, and those that waited. */
  readonly had: readonly WaitingPort[];
}

/** One for each request that has no port now. */
export function stillWaiting(container: Container, { ports, had }: Ports): readonly WaitingPort[] {
  const open = new Set(
    publishedSpecs(container)
      .filter((spec) => linkOf(spec.binding) && fixedPort(spec) === undefined)
      .map(specKey),
  );
  if (open.size === 0) return [];
  for (const port of ports.filter(isBound)) open.delete(answeredKey(port));
  return had.flatMap((port) => {
    if (!isBound(port) || !open.delete(answeredKey(port))) return [];
    const { protocol, hostPort, containerPort, asked } = port;
    return [{ protocol, hostPort, containerPort, asked }];
  });
}
