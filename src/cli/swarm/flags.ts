/** Kinds of flags that only services and swarms have. */
import { int, type Kind } from '../../flags/kinds.ts';
import { parseDuration } from '../../go/duration.ts';
import { numError, parseIntegerOfAnyBase } from '../../go/strconv.ts';
import { type Flag, flag } from '../flags/flag.ts';
import { parseCpus } from '../spec/hosts.ts';
import { shellWords } from './shell-words.ts';
import type { CredentialSpec, GenericResource, Preference } from './types.ts';

const uint: Kind<number> = {
  label: 'uint',
  isSwitch: false,
  parse: (text) => {
    if (/^[+-]/.test(text)) throw numError('ParseUint', text, 'invalid syntax');
    try {
      return parseIntegerOfAnyBase(text);
    } catch {
      throw numError('ParseUint', text, 'invalid syntax');
    }
  },
  read: int.read,
};

/** A whole number that is not negative. */
export const uintFlag = (name: string, help: string, initial = 0): Flag<number> =>
  flag(name, uint, initial, help);

const float: Kind<number> = {
  label: 'float',
  isSwitch: false,
  parse: (text) => {
    if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text))
      throw numError('ParseFloat', text, 'invalid syntax');
    return Number(text);
  },
  read: int.read,
};

export const floatFlag = (name: string, help: string): Flag<number> => flag(name, float, 0, help);

const positiveDuration: Kind<number> = {
  label: 'duration',
  isSwitch: false,
  parse: (text) => {
    const value = parseDuration(text);
    if (value < 0) throw new Error('duration cannot be negative');
    return value;
  },
  read: int.read,
};

/** Nanoseconds, not negative. */
export const positiveDurationFlag = (name: string, help: string): Flag<number> =>
  flag(name, positiveDuration, 0, help);

const decimal: Kind<number> = { label: 'decimal', isSwitch: false, parse: parseCpus, read: int.read };

/** Billionths of a CPU. */
export const cpuFlag = (name: string, help: string): Flag<number> => flag(name, decimal, 0, help);

const words: Kind<readonly string[]> = {
  label: 'command',
  isSwitch: false,
  parse: (text) => shellWords(text),
  read: (json) => json as readonly string[],
};

/** A command line in one text. */
export const commandFlag = (name: string, help: string): Flag<readonly string[]> =>
  flag(name, words, [], help);

/** `spread=node.labels.zone`. */
export function parsePreference(text: string): Preference {
  const [strategy = '', by, more] = text.split('=');
  if (by === undefined || more !== undefined)
    throw new Error('placement preference must be of the format "<strategy>=<arg>"');
  if (strategy !== 'spread')
    throw new Error(`unsupported placement preference ${strategy} (only spread is supported)`);
  return { Spread: { SpreadDescriptor: by } };
}

const credential: Kind<CredentialSpec> = {
  label: 'credential-spec',
  isSwitch: false,
  parse: (text) => {
    const [, scheme, rest] = /^(config|file|registry):\/\/(.*)$/s.exec(text) ?? [];
    if (scheme === 'config') return { Config: rest };
    if (scheme === 'file') return { File: rest };
    if (scheme === 'registry') return { Registry: rest };
    if (text === '') return {};
    throw new Error(
      'invalid credential spec: value must be prefixed with "config://", "file://", or "registry://"',
    );
  },
  read: (json) => json as CredentialSpec,
};

export const credentialFlag: Flag<CredentialSpec> = flag<CredentialSpec>(
  'credential-spec',
  credential,
  {},
  'Credential spec for managed service account (Windows only)',
);

/** `kind=number`; only counted resources can be asked for. Throws an `Error`. */
export function parseGenericResource(text: string): GenericResource {
  const [kind = '', value] = text.split('=');
  if (kind === '' || value === undefined || value === '')
    throw new Error(`incorrect term ${text}, missing '=' or malformed expression`);
  if (!/^-?\d+$/.test(value))
    throw new Error(
      `invalid generic-resource request \`${kind}=${value}\`, Named Generic Resources is not supported for service create or update`,
    );
  return { DiscreteResourceSpec: { Kind: kind, Value: Number(value) } };
}
