/** What is asked of a swarm of one node, step by step, of two engines that are held against each other. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineHost } from '../engine-host.ts';
import type { Answer } from '../request.ts';

export interface Step {
  /** Method and path below the version; `{services/web}` stands for the version of that object. */
  readonly call: string;
  readonly json?: unknown;
  /** Of the answer, what is compared; all of it where nothing is said. */
  readonly part?: (json: unknown) => unknown;
  /** The answer is awaited. */
  readonly until?: (json: unknown) => boolean;
  /** Why Docker answers otherwise: the two are not compared then, and must not be the same. */
  readonly differs?: string;
}

export const step = (call: string, json?: unknown, more: Omit<Step, 'call' | 'json'> = {}): Step => ({
  call,
  ...(json !== undefined && { json }),
  ...more,
});

const version = '/v1.50';
/** Docker 28.5 asks registries that do not answer before it takes the image that it has. */
const patience = 60_000;

async function send(engine: EngineHost, { call, json }: Step): Promise<Answer> {
  const [method = '', path = ''] = call.split(' ');
  const [, object] = /version=\{(.*?)\}/.exec(path) ?? [];
  const seen = object === undefined ? undefined : await engine.api('GET', `${version}/${object}`);
  const { Version } = (seen?.json ?? {}) as { readonly Version?: { readonly Index: number } };
  const whole = path.replace(/(version=)\{.*?\}/, `$1${Version?.Index}`);
  return engine.api(method, `${version}${whole}`, json === undefined ? {} : { json });
}

export async function take(engine: EngineHost, wanted: Step): Promise<Answer> {
  const { until = () => true } = wanted;
  const end = Date.now() + patience;
  for (;;) {
    const answer = await send(engine, wanted);
    if (until(answer.json)) return answer;
    if (Date.now() > end) throw new Error(`${wanted.call} never was as it should: ${answer.text}`);
    await sleep(100);
  }
}

/** Ids, times, keys, and what chance or the host decides. */
const volatile: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-z]{25}\b/g, 'ID'],
  [/\b[0-9a-f]{64}\b/g, 'ID64'],
  [/\b[0-9a-f]{12}\b/g, 'ID12'],
  [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME'],
  [/SWMTKN-1-[0-9a-z]{50}-ID/g, 'TOKEN'],
  [/-----BEGIN CERTIFICATE-----.*/gs, 'PEM'],
  [/\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, 'MAC'],
];

const counted = /\.(Index|PID|CertIssuerPublicKey|MemoryBytes|EngineVersion|LocalLBIndex|vxlanid_list)$/;

function shown(path: string, value: unknown): string {
  if (counted.test(path)) return typeof value;
  return volatile.reduce((text, [pattern, name]) => text.replaceAll(pattern, name), JSON.stringify(value));
}

const nameOf = (key: string): string =>
  volatile.reduce((text, [pattern, name]) => text.replaceAll(pattern, name), key);

/** `.Spec.Name: "web"`; elements of a list are one place. */
export function valuesOf(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value) && value.length > 0) return value.flatMap((item) => valuesOf(item, `${path}[]`));
  if (typeof value === 'object' && value !== null && Object.keys(value).length > 0)
    return Object.entries(value).flatMap(([key, inner]) => valuesOf(inner, `${path}.${nameOf(key)}`));
  return [`${path}: ${shown(path, value)}`];
}

/** Lines to compare. */
export function linesOf({ status, json, text }: Answer, { part = (all) => all }: Step): readonly string[] {
  const body = json === undefined ? [`body: ${text === '' ? 'empty' : 'text'}`] : valuesOf(part(json));
  return [`status: ${status}`, ...new Set(body)];
}
