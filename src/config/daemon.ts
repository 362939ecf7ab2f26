/** Reads the engine's command line and configuration file together, as dockerd does. */
import { fail, messageOf } from '../errors.ts';
import { type Arguments, readArguments, type Use } from './arguments.ts';
import type { DaemonConfig } from './config.ts';
import { configOf, defaultConfigFile } from './defaults.ts';
import { type FileContent, readConfigFile } from './file.ts';
import { usage } from './help.ts';
import { type Given, idleSettings, refusedSettings, settings } from './settings.ts';
import { brokenRule } from './validate.ts';

/** Returns the text of a file, undefined for a missing one. May throw system errors. */
export type ReadFile = (path: string) => string | undefined;

/** What the command line asks for. `print` writes the text and exits with status 0. */
export type DaemonCommand =
  | { readonly kind: 'run'; readonly config: DaemonConfig }
  /** Check whether an engine could start with these settings. */
  | { readonly kind: 'validate'; readonly config: DaemonConfig }
  /** Remove everything that an engine with these settings has made. */
  | { readonly kind: 'remove-all'; readonly config: DaemonConfig; readonly keepData: boolean }
  | { readonly kind: 'version' }
  | { readonly kind: 'print'; readonly text: string };

/**
 * Read `seawayd`'s arguments (without the program's name) and its configuration file.
 * Throws CONFIG_INVALID in dockerd's words; the program prints the message and exits with status 1.
 */
export function readDaemonCommand(argv: readonly string[], readFile: ReadFile): DaemonCommand {
  const args = readArguments(argv);
  if (args.help) return { kind: 'print', text: usage() };
  if (args.version) return { kind: 'version' };
  if (args.keepData && !args.removeAll)
    throw fail('CONFIG_INVALID', '--keep-data is only of use with --remove-all');
  const config = configFrom(args, readFile);
  if (args.removeAll) return { kind: 'remove-all', config, keepData: args.keepData };
  return { kind: args.validate ? 'validate' : 'run', config };
}

/** The settings from arguments and configuration file. Throws as `readDaemonCommand`. */
export function parseDaemonArguments(argv: readonly string[], readFile: ReadFile): DaemonConfig {
  return configFrom(readArguments(argv), readFile);
}

function configFrom(args: Arguments, readFile: ReadFile): DaemonConfig {
  const path = args.configFile ?? defaultConfigFile;
  const failing = (why: string): Error =>
    fail('CONFIG_INVALID', `unable to configure the Docker daemon with file ${path}: ${why}`);
  const text = readFile(path);
  if (text === undefined && args.configFile !== undefined)
    throw failing(`open ${path}: no such file or directory`);
  let file: FileContent = { values: new Map(), idleKeys: [] };
  try {
    if (text !== undefined) file = readConfigFile(text, args.uses);
  } catch (thrown) {
    throw failing(messageOf(thrown));
  }
  const values = new Map([
    ...file.values,
    ...[...args.uses].map(([flag, { value }]): [string, unknown] => [flag, value]),
  ]);
  refuse(values);
  const config = configOf(givenOf(values), { configFile: path, ignored: ignoredOf(values, args.uses, file) });
  const why = brokenRule(config);
  if (why === undefined) return config;
  throw text === undefined
    ? fail('CONFIG_INVALID', why)
    : failing(`merged configuration validation from file and command line flags failed: ${why}`);
}

function givenOf(values: ReadonlyMap<string, unknown>): Given {
  const entries = Object.entries(settings).flatMap(([name, { flag }]) =>
    values.has(flag) ? [[name, values.get(flag)] as const] : [],
  );
  // each value comes from the setting's kind, so it has the setting's type
  return Object.fromEntries(entries) as Given;
}

const isEmpty = (value: unknown): boolean =>
  value === false || value === '' || (Array.isArray(value) && value.length === 0);

function refuse(values: ReadonlyMap<string, unknown>): void {
  for (const { flag } of refusedSettings) {
    if (values.has(flag) && !isEmpty(values.get(flag))) throw fail('NOT_SUPPORTED', `--${flag}`);
  }
}

function ignoredOf(
  values: ReadonlyMap<string, unknown>,
  uses: ReadonlyMap<string, Use>,
  file: FileContent,
): string[] {
  const idle = idleSettings.filter(({ flag }) => values.has(flag));
  return [...idle.map(({ flag, key }) => (uses.has(flag) ? `--${flag}` : key)), ...file.idleKeys];
}
