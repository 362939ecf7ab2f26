/** Parts of the engine for explanations, and the namespaces of ends. */
import type { End } from '../../explain/ends.ts';
import type { Target } from '../../explain/question.ts';
import type { Inspector } from '../../kernel/inspect/contract.ts';
import type { Namespace } from '../../kernel/kernel.ts';
import type { PortMapping } from '../../model/sandbox.ts';
import { bare } from '../../net/address.ts';
import type { Core } from '../core.ts';

/** What is tried. */
export interface Attempt {
  readonly from: End;
  readonly to: End;
  readonly target: Target;
  readonly address: string;
  readonly mapping?: PortMapping;
  /** The container that the mapping leads to, else `to`. */
  readonly receiver: End;
}

export type Explaining = Pick<Core, 'config' | 'facts' | 'folders' | 'kernel' | 'model' | 'reconciler'>;

/** Undefined for an end that has none on this host. */
export function namespaceOf({ kernel, reconciler }: Explaining, end: End): Namespace | undefined {
  if (end.kind === 'host') return kernel.host;
  if (end.kind !== 'container' || !end.sandbox) return undefined;
  return end.sandbox.kind === 'host' ? kernel.host : reconciler.namespaceOf(end.sandbox.id);
}

export const inspectorOf = ({ kernel }: Explaining, namespace: Namespace): Inspector =>
  kernel.inspect(namespace);

/** Addresses of this host, without prefix length. */
export const hostAddresses = ({ kernel }: Explaining): ReadonlySet<string> =>
  new Set(kernel.host.route.listAddresses().map(({ address }) => bare(address)));

/** An address of the documentation stands for the internet (RFC 5737, RFC 3849). */
export const somewhere = { 4: '203.0.113.1', 6: '2001:db8:ffff::1' } as const;
