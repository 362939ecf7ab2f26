/** The whole command line as a tree of commander commands; the completion scripts are made from it. */
import { Command } from 'commander';
import type { Entry } from '../entry.ts';
import { globalFlags } from '../flags/global.ts';
import { commanderOf } from '../flags/parser.ts';

interface Table {
  readonly entries: readonly Entry[];
  /** Names of groups, with their summaries. */
  readonly groups: Readonly<Record<string, string>>;
}

/** Loads every command. */
export async function commandTree(program: string, { entries, groups }: Table): Promise<Command> {
  const root = commanderOf(program, globalFlags);
  const parents = new Map<string, Command>([['', root]]);
  for (const [name, summary] of Object.entries(groups)) {
    const group = new Command(name).description(summary).helpOption(false).helpCommand(false);
    parents.set(name, group);
    root.addCommand(group);
  }
  for (const entry of entries) {
    const { command } = await entry.load();
    for (const name of [entry.path.join(' '), ...entry.also]) {
      const words = name.split(' ');
      // a group of that name has its own commands
      if (words.length === 1 && parents.has(name)) continue;
      const own = commanderOf(words.at(-1) ?? '', command.flags)
        .description(entry.summary)
        .usage(command.takes);
      parents.get(words.length > 1 ? (words[0] ?? '') : '')?.addCommand(own);
    }
  }
  return root;
}
