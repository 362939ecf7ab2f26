/** Containers whose network files (hosts, hostname, resolv.conf) may change. */
import type { Container } from '../model/container.ts';
import { linksOf } from '../model/links.ts';
import { type Change, keyOf } from '../model/tables.ts';
import type { Step } from './step.ts';

export interface FilesChange {
  /** The container has entered a sandbox: its files are written in any case. */
  readonly begins: boolean;
  /** The former owner of the parked sandbox, whose files it takes over. */
  readonly from?: string;
}

/**
 * By container id. Lines of a link's source that has stopped stay in the recipients' hosts files until it runs again,
 * as in Docker.
 */
export function filesOf(
  step: Step,
  changes: readonly Change[],
  sandboxes: Iterable<string>,
): ReadonlyMap<string, FilesChange> {
  const files = new Map<string, FilesChange>();
  /** Sources whose name or address may have changed. */
  const sources = new Set<string>();
  for (const id of sandboxes) {
    const { containerId = '' } = step.after.get('sandboxes', id) ?? {};
    if (containerId === '') continue;
    sources.add(containerId);
    files.set(containerId, ownFiles(id, containerId, step));
  }
  for (const change of changes) {
    if (change.table !== 'containers' || 'remove' in change) continue;
    const id = keyOf(change.table, change.put);
    const was = step.before.get('containers', id);
    if (read(was) === read(change.put) || !step.after.sandboxOfContainer(id)) continue;
    sources.add(id);
    if (!files.has(id)) files.set(id, { begins: false });
  }
  if (sources.size > 0)
    for (const id of recipientsOf(sources, step)) if (!files.has(id)) files.set(id, { begins: false });
  return files;
}

function ownFiles(sandboxId: string, containerId: string, { before }: Step): FilesChange {
  const was = before.get('sandboxes', sandboxId);
  if (was?.containerId === containerId) return { begins: false };
  return { begins: true, ...(was?.parked && { from: was.parked.containerId }) };
}

/** The fields of a container's record that its own files and those of its recipients show. */
const read = (container: Container | undefined): string =>
  JSON.stringify(
    container && [container.name, container.config.Hostname, container.hostConfig.Links, container.links],
  );

/** Running containers that have or had a legacy link to one of the sources. */
function* recipientsOf(sources: ReadonlySet<string>, { before, after }: Step): Iterable<string> {
  for (const recipient of after.linkedContainers()) {
    if (!after.sandboxOfContainer(recipient.id)) continue;
    const links = [...linksOf(after, recipient), ...linksOf(before, recipient)];
    if (links.some(({ source }) => sources.has(source.id))) yield recipient.id;
  }
}
