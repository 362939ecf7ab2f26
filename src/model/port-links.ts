/** Ports that are published on a link of the host: on the addresses that it has at the time. */
import type { Container, HostConfig } from './container.ts';
import { linkOf, specsOf } from './port-specs.ts';
import { placeOf } from './ports.ts';
import type { PortMapping } from './sandbox.ts';
import { attachmentsOf, complete, type SandboxContext } from './sandboxes.ts';
import type { Change, View } from './tables.ts';

const known = new WeakMap<HostConfig['PortBindings'], ReadonlySet<string>>();

/** The links that the container publishes ports on. Cached, because each event of a link of the host asks. */
export function linksOf({ hostConfig: { PortBindings } }: Container): ReadonlySet<string> {
  const links =
    known.get(PortBindings) ?? new Set(specsOf(PortBindings).flatMap(({ binding }) => linkOf(binding) || []));
  known.set(PortBindings, links);
  return links;
}

export interface Followed {
  readonly gone: readonly PortMapping[];
  readonly come: readonly PortMapping[];
  readonly changes: readonly Change[];
}

/**
 * The ports as the addresses of links are now; undefined where nothing changes. What another container has is left out:
 * this is nobody's request.
 */
export function followLinks(view: View, container: Container, context: SandboxContext): Followed | undefined {
  const sandbox = view.sandboxOfContainer(container.id);
  if (!sandbox || linksOf(container).size === 0) return undefined;
  const attachments = attachmentsOf(view, view.endpointsOfSandbox(sandbox.id));
  const after = complete(view, { container, sandbox, attachments, isFollowing: true }, context);
  const [had, has] = [sandbox.ports, after.ports].map((ports) => new Set(ports.map(placeOf)));
  const gone = sandbox.ports.filter((port) => !has?.has(placeOf(port)));
  const come = after.ports.filter((port) => !had?.has(placeOf(port)));
  if (gone.length + come.length === 0) return undefined;
  return { gone, come, changes: [{ table: 'sandboxes', put: after }] };
}
