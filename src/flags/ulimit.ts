/** Limits of a process's resources, as flags give them (setrlimit(2)). */

import { cut, int } from './kinds.ts';

/** A default ulimit. -1 is unlimited. */
export interface Ulimit {
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

const ulimitNames = new Set(
  'core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'.split(
    ' ',
  ),
);

/** `name=soft[:hard]`; -1 is unlimited (docker/go-units ParseUlimit). */
export function parseUlimit(text: string): Ulimit {
  const [name, limits] = cut(text, '=');
  if (limits === undefined || limits === '') throw new Error(`invalid ulimit argument: ${text}`);
  if (!ulimitNames.has(name)) throw new Error(`invalid ulimit type: ${name}`);
  const [softText = '', hardText = softText, more] = limits.split(':');
  if (more !== undefined)
    throw new Error(`too many limit value arguments - ${limits}, can only have up to two, \`soft[:hard]\``);
  const soft = int.parse(softText, undefined);
  const hard = int.parse(hardText, undefined);
  if (hard !== -1 && (soft === -1 || soft > hard)) {
    throw new Error(`ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`);
  }
  return { name, soft, hard };
}
