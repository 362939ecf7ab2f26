/**
 * Dockerfile instructions given to `import` and `commit` (`--change 'CMD ["sh"]'`) applied to an image's
 * configuration. https://docs.docker.com/reference/dockerfile/
 */
import { posix } from 'node:path';
import { fail } from '../errors.ts';
import type { ImageConfig } from '../model/image.ts';
import { parseHealthcheck } from './healthcheck.ts';
import { splitWords } from './words.ts';

type Apply = (config: ImageConfig, rest: string, run: Run) => ImageConfig;

/** State shared by the instructions of one request. */
interface Run {
  cmdSet: boolean;
}

const refuse = (why: string): Error => fail('BAD_REQUEST', why);

/** Applies the lines in order. Throws BAD_REQUEST for an invalid instruction. */
export function applyInstructions(config: ImageConfig, changes: readonly string[]): ImageConfig {
  const run: Run = { cmdSet: false };
  return linesOf(changes).reduce((made, line) => {
    const [, word = '', rest = ''] = /^(\S+)\s*([\s\S]*)$/.exec(line) ?? [];
    const apply = instructions[word.toLowerCase()];
    if (!apply) throw refuse(`${word} is not a valid change command`);
    if (rest === '') throw refuse(`${word.toUpperCase()} requires at least one argument`);
    return apply(made, rest, run);
  }, config);
}

/** Joins lines that end with a backslash; drops empty lines and comments. */
function linesOf(changes: readonly string[]): string[] {
  return changes
    .flatMap((change) => change.replace(/\\[ \t]*\r?\n/g, '').split(/\r?\n/))
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

const defaultShell = ['/bin/sh', '-c'] as const;

/** The exec form; undefined for shell form, which includes invalid JSON, as in Docker. */
function execForm(rest: string): string[] | undefined {
  if (!rest.startsWith('[')) return undefined;
  try {
    const list: unknown = JSON.parse(rest);
    return Array.isArray(list) && list.every((item) => typeof item === 'string') ? list : undefined;
  } catch {
    return undefined;
  }
}

function command(config: ImageConfig, rest: string): readonly string[] {
  return execForm(rest) ?? [...(config.Shell ?? defaultShell), rest];
}

const lookupIn =
  (config: ImageConfig) =>
  (name: string): string | undefined =>
    config.Env?.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);

const wordsOf = (config: ImageConfig, rest: string): string[] => splitWords(rest, lookupIn(config));

/** `a=b c="d e"`, or the old `a the rest of the line`. */
function assignments(config: ImageConfig, instruction: string, rest: string): [string, string][] {
  // quotes may hold blanks: LABEL "a b"=c
  const first =
    /^(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'\\])+/.exec(rest)?.[0] ?? /^\S+/.exec(rest)?.[0] ?? '';
  if (!first.includes('=')) {
    const value = rest.slice(first.length).trim();
    if (!value) throw refuse(`${instruction} must have two arguments`);
    return [[first, wordsOf(config, JSON.stringify(value)).join(' ')]];
  }
  return wordsOf(config, rest).map((word) => {
    const equals = word.indexOf('=');
    if (equals <= 0)
      throw refuse(
        equals === 0
          ? `${instruction} names can not be blank`
          : `Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`,
      );
    return [word.slice(0, equals), word.slice(equals + 1)];
  });
}

function withEnv(config: ImageConfig, pairs: readonly (readonly [string, string])[]): ImageConfig {
  const env = [...(config.Env ?? [])];
  for (const [name, value] of pairs) {
    const at = env.findIndex((entry) => entry.startsWith(`${name}=`));
    env.splice(at < 0 ? env.length : at, at < 0 ? 0 : 1, `${name}=${value}`);
  }
  return { ...config, Env: env };
}

/** `80`, `53/udp`, `8000-8010`. */
function exposed(port: string): string[] {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/([A-Za-z]+))?$/.exec(port);
  const from = Number(match?.[1]);
  const to = Number(match?.[2] ?? match?.[1]);
  const protocol = (match?.[3] ?? 'tcp').toLowerCase();
  if (!match || to > 65535 || from < 1) throw refuse(`invalid containerPort: ${port}`);
  if (to < from) throw refuse(`invalid range specified for the Port: ${port}`);
  if (!['tcp', 'udp', 'sctp'].includes(protocol)) throw refuse(`invalid proto: ${protocol}`);
  return Array.from({ length: to - from + 1 }, (_, step) => `${from + step}/${protocol}`);
}

const keysOf = (keys: readonly string[]): Record<string, object> =>
  Object.fromEntries(keys.map((key) => [key, {}]));

const only = (instruction: string, words: readonly string[]): string => {
  if (words.length !== 1 || words[0] === undefined)
    throw refuse(`${instruction} requires exactly one argument`);
  return words[0];
};

const instructions: Readonly<Record<string, Apply>> = {
  cmd(config, rest, run) {
    run.cmdSet = true;
    return { ...config, Cmd: command(config, rest) };
  },
  entrypoint(config, rest, run) {
    // a CMD that came from elsewhere was meant for another entry point
    const keep = run.cmdSet ? {} : { Cmd: null };
    return { ...config, ...keep, Entrypoint: command(config, rest) };
  },
  env: (config, rest) => withEnv(config, assignments(config, 'ENV', rest)),
  label: (config, rest) => ({
    ...config,
    Labels: { ...config.Labels, ...Object.fromEntries(assignments(config, 'LABEL', rest)) },
  }),
  expose: (config, rest) => ({
    ...config,
    ExposedPorts: { ...config.ExposedPorts, ...keysOf(wordsOf(config, rest).flatMap(exposed)) },
  }),
  user: (config, rest) => ({ ...config, User: only('USER', wordsOf(config, rest)) }),
  volume(config, rest) {
    const paths = execForm(rest) ?? wordsOf(config, rest);
    if (paths.some((path) => path.trim() === '')) throw refuse('VOLUME specified can not be an empty string');
    return { ...config, Volumes: { ...config.Volumes, ...keysOf(paths) } };
  },
  workdir: (config, rest) => ({
    ...config,
    WorkingDir: posix.resolve('/', config.WorkingDir ?? '', only('WORKDIR', wordsOf(config, rest))),
  }),
  stopsignal: (config, rest) => ({ ...config, StopSignal: only('STOPSIGNAL', wordsOf(config, rest)) }),
  healthcheck: (config, rest) => ({ ...config, Healthcheck: parseHealthcheck(rest) }),
  onbuild(config, rest) {
    const trigger = /^\S+/.exec(rest)?.[0]?.toUpperCase() ?? '';
    if (trigger === 'ONBUILD') throw refuse("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
    if (trigger === 'FROM' || trigger === 'MAINTAINER')
      throw refuse(`${trigger} isn't allowed as an ONBUILD trigger`);
    return { ...config, OnBuild: [...(config.OnBuild ?? []), rest] };
  },
};
