/** The command line, from its words to its exit status. */

import { messageOf } from '../errors.ts';
import { version } from '../version.ts';
import { type Command, OperandError } from './command.ts';
import { commandTree } from './completion/tree.ts';
import { newContext } from './connect.ts';
import type { Context, Io } from './context.ts';
import type { Entry } from './entry.ts';
import { CliError, UsageError } from './failure.ts';
import type { FlagValues } from './flags/flag.ts';
import { globalFlags } from './flags/global.ts';
import { parseWords } from './flags/parser.ts';
import { commandHelp, groupHelp, programHelp, usageLine } from './help.ts';
import { entries, find, groups } from './tree.ts';

const program = 'seaway';

/** Run the command that the words name. Resolves to the exit status; it never rejects. */
export async function main(words: readonly string[], io: Io): Promise<number> {
  const complain = (message: string): void => void io.stderr.write(`${message}\n`);
  try {
    return await dispatch(words, io);
  } catch (thrown) {
    if (isBrokenPipe(thrown)) return 0;
    if (thrown instanceof UsageError) {
      complain(
        `${thrown.message}\n\nUsage:  ${program} [OPTIONS] COMMAND [ARG...]\n\nRun '${program} --help' for more information`,
      );
      return thrown.status;
    }
    if (messageOf(thrown) !== '') complain(messageOf(thrown));
    return thrown instanceof CliError ? thrown.status : 1;
  }
}

const isBrokenPipe = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && thrown.code === 'EPIPE';

async function dispatch(words: readonly string[], io: Io): Promise<number> {
  const parsed = parseWords(globalFlags, words, true);
  // Each value came from its own flag's kind.
  const global = parsed.values as FlagValues<typeof globalFlags>;
  const tree = () => commandTree(program, { entries, groups });
  const context = newContext(io, { program, commandTree: tree }, global);
  if (global.version) {
    await context.print(`Seaway version ${version}\n`);
    return 0;
  }
  const [first, ...rest] = parsed.operands;
  if (first === undefined) return print(context, programHelp(program, globalFlags));
  if (first === 'help') return help(rest, context);
  const found = find(parsed.operands);
  if (found.kind === 'unknown') return unknownCommand(found.name, context);
  if (found.kind === 'group') return group(found.group, found.words, context);
  return call(found.entry, found.name, found.words, context);
}

async function print(context: Context, text: string): Promise<number> {
  await context.print(text);
  return 0;
}

async function help(words: readonly string[], context: Context): Promise<number> {
  if (words.length === 0) return print(context, programHelp(program, globalFlags));
  const found = find(words);
  if (found.kind === 'group') return print(context, groupHelp(program, found.group));
  if (found.kind === 'unknown') throw new CliError(`unknown help topic: ${words.join(' ')}`);
  const { command } = await found.entry.load();
  return print(context, commandHelp(program, found.entry, found.name, command));
}

function unknownCommand(name: readonly string[], context: Context): number {
  const usage = name.length > 1 ? `Usage:  ${program} ${name[0]}\n\n` : '';
  const where = [program, ...name.slice(0, -1)].join(' ');
  context.complain(
    `${program}: unknown command: ${program} ${name.join(' ')}\n\n${usage}Run '${where} --help' for more information`,
  );
  return 1;
}

async function group(name: string, words: readonly string[], context: Context): Promise<number> {
  try {
    parseWords({}, words);
  } catch (thrown) {
    if (!(thrown instanceof UsageError)) throw thrown;
    context.complain(
      `${thrown.message}\n\nUsage:  ${program} ${name} COMMAND\n\nRun '${program} ${name} --help' for more information`,
    );
    return thrown.status;
  }
  return print(context, groupHelp(program, name));
}

async function call(
  entry: Entry,
  name: readonly string[],
  words: readonly string[],
  context: Context,
): Promise<number> {
  const { command } = await entry.load();
  const own: Context = { ...context, path: name };
  try {
    const status = await command.execute(words, own);
    return status === 'help' ? print(own, commandHelp(program, entry, name, command)) : status;
  } catch (thrown) {
    if (!(thrown instanceof UsageError)) throw thrown;
    return misused(thrown, name, command, own);
  }
}

function misused(error: UsageError, name: readonly string[], command: Command, context: Context): number {
  const full = [program, ...name].join(' ');
  const usage = usageLine(program, name, command);
  if (error instanceof OperandError) {
    const verb = error.tooFew ? 'See' : 'Run';
    context.complain(
      `${program}: '${full}' ${error.message}\n\n${usage}\n\n${verb} '${full} --help' for more information`,
    );
    return 1;
  }
  context.complain(`${error.message}\n\n${usage}\n\nRun '${full} --help' for more information`);
  return error.status;
}
