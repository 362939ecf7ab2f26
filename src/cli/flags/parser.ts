/** Parses a command's words with commander, and words its refusals as Docker's client does. */
import { Command, CommanderError, Option } from 'commander';
import { messageOf } from '../../errors.ts';
import { parseBool } from '../../go/strconv.ts';
import { UsageError } from '../failure.ts';
import { type Flag, type Flags, switchFlag } from './flag.ts';
import { knownFlags, normalise, withValue } from './normalise.ts';

/** The parsed words. */
export interface Parsed {
  /** By our names of the flags; flags that were not given have their initial value. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Our names of the flags that were given. */
  readonly given: ReadonlySet<string>;
  readonly operands: readonly string[];
  readonly help: boolean;
}

/** `--help`, and `-h` where no flag of the command has that letter. */
function helpFlagOf(flags: Flags): Flag<boolean> {
  const isTaken = Object.values(flags).some(({ short }) => short === 'h');
  return switchFlag('help', 'Print usage', isTaken ? {} : { short: 'h' });
}

/** The commander options of a flag: its own, its older names, and the form of a switch with a value. */
function optionsOf(flag: Flag<unknown>, short: string | undefined): Option[] {
  const value = flag.kind.isSwitch ? '' : ` <${flag.kind.label}>`;
  const own = new Option(`${short === undefined ? '' : `-${short}, `}--${flag.name}${value}`, flag.help);
  if (flag.choices !== undefined) own.argChoices = [...flag.choices];
  if (flag.hidden === true) own.hideHelp();
  const older = (flag.also ?? []).map((name) => new Option(`--${name}${value}`).hideHelp());
  const valued = flag.kind.isSwitch ? [new Option(`--${withValue(flag.name)} <bool>`).hideHelp()] : [];
  return [own, ...older, ...valued];
}

/** A commander command with these flags; completion walks a tree of them. */
export function commanderOf(name: string, flags: Flags): Command {
  const command = new Command(name).helpOption(false).helpCommand(false);
  for (const flag of [...Object.values(flags), helpFlagOf(flags)]) {
    for (const option of optionsOf(flag, flag.short)) command.addOption(option);
  }
  return command;
}

/** `-p, --publish`, as errors name a flag. */
const shownName = (flag: Flag<unknown>): string =>
  flag.short === undefined ? `--${flag.name}` : `-${flag.short}, --${flag.name}`;

function read(flag: Flag<unknown>, text: string, before: unknown): unknown {
  try {
    return flag.kind.parse(text, before);
  } catch (thrown) {
    throw new UsageError(
      `invalid argument ${JSON.stringify(text)} for "${shownName(flag)}" flag: ${messageOf(thrown)}`,
    );
  }
}

/** Throws `UsageError`. */
export function parseWords(flags: Flags, words: readonly string[], passThrough = false): Parsed {
  const command = commanderOf('command', flags)
    .argument('[words...]')
    .exitOverride()
    .showSuggestionAfterError(false);
  command.configureOutput({ writeErr: () => {}, writeOut: () => {} });
  if (passThrough) command.passThroughOptions();
  const values: Record<string, unknown> = {};
  const given = new Set<string>();
  let help = false;
  for (const [key, flag] of Object.entries(flags)) {
    values[key] = flag.initial;
    const take = (text: string | null): void => {
      values[key] = read(flag, text ?? 'true', given.has(key) ? values[key] : undefined);
      given.add(key);
    };
    for (const option of optionsOf(flag, flag.short)) command.on(`option:${option.name()}`, take);
  }
  command.on('option:help', () => {
    help = true;
  });
  command.on(`option:${withValue('help')}`, (text: string) => {
    help = parseBool(text);
  });
  const ready = normalise(words, knownFlags([...Object.values(flags), helpFlagOf(flags)]), passThrough);
  try {
    command.parse(ready, { from: 'user' });
  } catch (thrown) {
    if (help) return { values, given, operands: [], help };
    throw thrown instanceof CommanderError ? worded(thrown, words) : thrown;
  }
  return { values, given, operands: command.args, help };
}

function worded(error: CommanderError, words: readonly string[]): UsageError {
  const quoted = /'(.*)'/.exec(error.message)?.[1] ?? '';
  if (error.code === 'commander.unknownOption') return unknown(quoted, words);
  if (error.code === 'commander.optionMissingArgument') {
    const last = words.at(-1) ?? '';
    const shown = last.startsWith('--') ? last : `'${last.slice(-1)}' in ${last}`;
    return new UsageError(`flag needs an argument: ${shown}`);
  }
  return new UsageError(error.message.replace(/^error: /, ''));
}

function unknown(option: string, words: readonly string[]): UsageError {
  if (option.startsWith('--')) return new UsageError(`unknown flag: ${option.split('=')[0]}`);
  const letter = option.slice(1, 2);
  const word = words.find((each) => /^-[^-]/.test(each) && each.includes(letter)) ?? option;
  return new UsageError(`unknown shorthand flag: '${letter}' in ${word}`);
}
