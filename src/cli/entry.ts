/** An entry of the table of commands, and the forms that most have. */
import type { Command } from './command.ts';

export interface Entry {
  /** `['container', 'ls']`: its full name. */
  readonly path: readonly string[];
  /** Other full names, the plain one last: `container list`, `ps`. */
  readonly also: readonly string[];
  readonly summary: string;
  readonly load: () => Promise<{ readonly command: Command }>;
}

type Load = Entry['load'];

export const container = (
  name: string,
  summary: string,
  load: Load,
  { also = [], plain = name }: { also?: string[]; plain?: string } = {},
): Entry => ({
  path: ['container', name],
  also: [...also.map((each) => `container ${each}`), ...(plain === '' ? [] : [plain])],
  summary,
  load,
});
export const image = (name: string, summary: string, load: Load, plain = '', also: string[] = []): Entry => ({
  path: ['image', name],
  also: [...also.map((each) => `image ${each}`), ...(plain === '' ? [] : [plain])],
  summary,
  load,
});
export const inGroup =
  (group: string) =>
  (name: string, summary: string, load: Load, also: string[] = []): Entry => ({
    path: [group, name],
    also: also.map((each) => `${group} ${each}`),
    summary,
    load,
  });

export const system = (name: string, summary: string, load: Load, plain = ''): Entry => ({
  path: ['system', name],
  also: plain === '' ? [] : [plain],
  summary,
  load,
});
export const plain = (name: string, summary: string, load: Load): Entry => ({
  path: [name],
  also: [],
  summary,
  load,
});
