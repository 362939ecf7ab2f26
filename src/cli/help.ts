/** Help texts, made from the table of commands and their flags. */
import type { Command } from './command.ts';
import type { Entry } from './entry.ts';
import type { Flag, Flags } from './flags/flag.ts';
import { entries, groups, namesOf } from './tree.ts';

const listed = (rows: readonly (readonly [string, string])[]): string => {
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  return rows.map(([name, text]) => `  ${name.padEnd(width)}${text}`).join('\n');
};

const shownFlag = (flag: Flag<unknown>): string =>
  `${flag.short === undefined ? '    ' : `-${flag.short}, `}--${flag.name}${flag.kind.label === '' ? '' : ` ${flag.kind.label}`}`;

/** The table of a command's flags. */
export function flagTable(flags: Flags): string {
  const shown = Object.values(flags)
    .filter((flag) => flag.hidden !== true)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return listed(shown.map((flag) => [shownFlag(flag), flag.help] as const)).replaceAll(/^ {2}/gm, '  ');
}

/** `Usage:  seaway rm [OPTIONS] CONTAINER [CONTAINER...]` */
export function usageLine(program: string, name: readonly string[], command: Command): string {
  const options = Object.keys(command.flags).length > 0 ? '[OPTIONS]' : '';
  return `Usage:  ${[program, ...name, options, command.takes].filter((word) => word !== '').join(' ')}`;
}

/** Help text of a command. */
export function commandHelp(
  program: string,
  entry: Entry,
  name: readonly string[],
  command: Command,
): string {
  const names = namesOf(entry);
  const aliases =
    names.length < 2 ? '' : `\nAliases:\n  ${names.map((each) => `${program} ${each}`).join(', ')}\n`;
  const options = Object.keys(command.flags).length === 0 ? '' : `\nOptions:\n${flagTable(command.flags)}\n`;
  return `${usageLine(program, name, command)}\n\n${entry.summary}\n${aliases}${options}`;
}

const rowsOf = (chosen: readonly Entry[], name: (entry: Entry) => string): (readonly [string, string])[] =>
  chosen.map((entry) => [name(entry), entry.summary] as const).sort(([a], [b]) => (a < b ? -1 : 1));

/** Help text of a group. */
export function groupHelp(program: string, group: string): string {
  const rows = rowsOf(
    entries.filter(({ path }) => path[0] === group),
    ({ path }) => path[1] ?? '',
  );
  return `Usage:  ${program} ${group} COMMAND

${groups[group]}

Commands:
${listed(rows)}

Run '${program} ${group} COMMAND --help' for more information on a command.
`;
}

/** Help text of the program. */
export function programHelp(program: string, globalFlags: Flags): string {
  const plain = entries.filter((entry) => namesOf(entry).some((name) => !name.includes(' ')));
  const rows = rowsOf(plain, (entry) => namesOf(entry).find((name) => !name.includes(' ')) ?? '');
  return `Usage:  ${program} [OPTIONS] COMMAND

A container network engine behind the Docker Engine API

Management Commands:
${listed(Object.entries(groups))}

Commands:
${listed(rows)}

Global Options:
${flagTable(globalFlags)}

Run '${program} COMMAND --help' for more information on a command.
`;
}
