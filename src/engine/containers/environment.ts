/** The environment of a container's processes. */
import type { Container } from '../../model/container.ts';
import { linkEnvironment } from '../../model/links.ts';
import type { View } from '../../model/tables.ts';

const defaultPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Docker's order: PATH, HOSTNAME, TERM, links; then the variables of image and user, which take precedence. For a
 * further process (`docker exec`) its own variables come last; TERM follows its terminal, not the container's.
 */
export function environmentOf(
  view: View,
  container: Container,
  exec: { readonly env: readonly string[]; readonly tty: boolean } = { env: [], tty: container.config.Tty },
): readonly string[] {
  const standing = [
    defaultPath,
    `HOSTNAME=${container.config.Hostname}`,
    ...(exec.tty ? ['TERM=xterm'] : []),
    ...linkEnvironment(view, container),
  ];
  return merge(merge(standing, container.config.Env), exec.env);
}

const nameOf = (entry: string): string => entry.split('=')[0] ?? '';

/** An entry replaces one of the same name; one without `=` removes it. */
function merge(before: readonly string[], more: readonly string[]): readonly string[] {
  const entries = new Map(before.map((entry) => [nameOf(entry), entry]));
  for (const entry of more) {
    if (entry.includes('=')) entries.set(nameOf(entry), entry);
    else entries.delete(nameOf(entry));
  }
  return [...entries.values()];
}
