/** The command line: GNU style flags, parsed as by dockerd's parser (spf13/pflag). */
import { fail, messageOf } from '../errors.ts';
import { cut } from '../flags/kinds.ts';
import { parseBool } from '../go/strconv.ts';
import { idleSettings, refusedSettings, type Setting, settings } from './settings.ts';

/** A flag that was given: its value, and the texts as they were typed. */
export interface Use {
  readonly value: unknown;
  readonly texts: readonly string[];
}

export interface Arguments {
  readonly uses: ReadonlyMap<string, Use>;
  /** Flags of the program itself. */
  readonly configFile: string | undefined;
  readonly validate: boolean;
  readonly removeAll: boolean;
  readonly keepData: boolean;
  readonly version: boolean;
  readonly help: boolean;
}

const program = 'seawayd';

const usageError = (why: string): Error => fail('CONFIG_INVALID', `${why}\nSee '${program} --help'.`);

/** Every setting that has a flag. */
export const allSettings: readonly Setting<unknown>[] = [
  ...Object.values(settings),
  ...idleSettings,
  ...refusedSettings,
];

const byFlag = new Map(allSettings.map((entry) => [entry.flag, entry]));
const byShort = new Map(
  allSettings.flatMap((entry) => (entry.short === undefined ? [] : [[entry.short, entry.flag]])),
);
const switches: readonly string[] = ['validate', 'version', 'help', 'remove-all', 'keep-data'];
const ownSwitches: Readonly<Record<string, string>> = { v: 'version', h: 'help' };

/** One flag of the command line. `rest` follows a short flag in the same word. */
interface Token {
  readonly flag: string;
  readonly value: string | undefined;
  readonly rest: string;
  readonly word: string;
}

function tokenOf(word: string): Token {
  if (word.startsWith('--')) {
    const [flag, value] = cut(word.slice(2), '=');
    if (flag === '' || flag.startsWith('-')) throw usageError(`bad flag syntax: ${word}`);
    return { flag, value, rest: '', word };
  }
  const letter = word.slice(1, 2);
  const flag = byShort.get(letter) ?? ownSwitches[letter];
  if (flag === undefined) throw usageError(`unknown shorthand flag: '${letter}' in ${word}`);
  const rest = word.slice(2);
  return rest.startsWith('=')
    ? { flag, value: rest.slice(1), rest: '', word }
    : { flag, value: undefined, rest, word };
}

/** Parses the words of a command line. */
class Reading {
  readonly uses = new Map<string, Use>();
  readonly own = new Map<string, string>();
  readonly words: string[];

  constructor(argv: readonly string[]) {
    this.words = [...argv];
  }

  readAll(): void {
    for (let word = this.words.shift(); word !== undefined; word = this.words.shift()) {
      if (word === '--' || word === '-' || !word.startsWith('-')) {
        const left = word === '--' ? this.words : [word];
        if (left.length === 0) return;
        throw fail('CONFIG_INVALID', `"${program}" accepts no arguments.\nSee '${program} --help'.`);
      }
      this.take(tokenOf(word));
    }
  }

  private take(token: Token): void {
    if (token.flag === 'config-file') {
      this.own.set('config-file', this.valueOf(token));
      return;
    }
    if (switches.includes(token.flag)) {
      this.own.set(token.flag, String(this.switchOf(token)));
      this.continueWith(token);
      return;
    }
    const setting = byFlag.get(token.flag);
    if (setting === undefined) throw usageError(`unknown flag: --${token.flag}`);
    if (setting.kind.isSwitch) this.continueWith(token);
    this.use(setting, setting.kind.isSwitch ? (token.value ?? 'true') : this.valueOf(token));
  }

  private switchOf({ flag, value = 'true' }: Token): boolean {
    try {
      return parseBool(value);
    } catch (thrown) {
      throw usageError(
        `invalid argument ${JSON.stringify(value)} for "--${flag}" flag: ${messageOf(thrown)}`,
      );
    }
  }

  /** Short switches may share a word: `-Dl debug`. */
  private continueWith(token: Token): void {
    if (token.rest !== '') this.words.unshift(`-${token.rest}`);
  }

  private valueOf(token: Token): string {
    const value = token.value ?? (token.rest === '' ? this.words.shift() : token.rest);
    if (value !== undefined) return value;
    const short = token.word.startsWith('--')
      ? `--${token.flag}`
      : `'${token.word.slice(1, 2)}' in ${token.word}`;
    throw usageError(`flag needs an argument: ${short}`);
  }

  private use(setting: Setting<unknown>, text: string): void {
    const before = this.uses.get(setting.flag);
    try {
      const value = setting.kind.parse(text, before?.value);
      this.uses.set(setting.flag, { value, texts: [...(before?.texts ?? []), text] });
    } catch (thrown) {
      const name = setting.short === undefined ? `--${setting.flag}` : `-${setting.short}, --${setting.flag}`;
      throw usageError(`invalid argument ${JSON.stringify(text)} for "${name}" flag: ${messageOf(thrown)}`);
    }
  }
}

/** Parses the command line without the program's name. Throws CONFIG_INVALID in dockerd's words. */
export function readArguments(argv: readonly string[]): Arguments {
  const reading = new Reading(argv);
  reading.readAll();
  const isOn = (name: string): boolean => reading.own.get(name) === 'true';
  return {
    uses: reading.uses,
    configFile: reading.own.get('config-file'),
    validate: isOn('validate'),
    removeAll: isOn('remove-all'),
    keepData: isOn('keep-data'),
    version: isOn('version'),
    help: isOn('help'),
  };
}
