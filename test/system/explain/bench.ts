/** The fault bench of `seaway explain`: what a fault is, and how it is tried. */
import { expect } from 'vitest';
import type {
  Examination,
  ExplainedCause,
  Explanation,
} from '../../../packages/client/src/seaway-answers.ts';
import type { CauseCode } from '../../../src/explain/causes.ts';
import type { TestEngine } from '../engine.ts';
import type { Ailment } from './ailments.ts';

export interface Bench {
  readonly engine: TestEngine;
  /** `ip link set eth0 down` inside a container. */
  inside(container: string, command: string): Promise<void>;
  /** A command on the host. */
  host(command: string): Promise<void>;
  /** A command on the host outside. */
  outside(command: string): Promise<void>;
  docker(command: string): Promise<string>;
}

/** A fault: what is done, who asks whom, and the cause that must be told. */
export interface Fault {
  readonly name: string;
  readonly set: (bench: Bench) => Promise<unknown>;
  readonly undo?: (bench: Bench) => Promise<unknown>;
  readonly ask: readonly [from: string, to: string];
  readonly code: CauseCode;
  /** The first line must have it. */
  readonly says?: RegExp;
}

/** Milliseconds in which the answer must be there. */
const patience = 2_000;

export function benchOf(engine: TestEngine): Bench {
  const must = async (where: string, command: string): Promise<void> => {
    const { status, stdout, stderr } = await engine.on(where, 'sh', '-c', command);
    if (status !== 0) throw new Error(`${command}: ${stdout}${stderr}`);
  };
  return {
    engine,
    host: (command) => must('host', command),
    outside: (command) => must('outside', command),
    docker: (command) => engine.docker(...command.split(' ')),
    inside: async (container, command) => {
      const pid = await engine.docker('inspect', '-f', '{{.State.Pid}}', container);
      await must(`/proc/${pid}/ns/net`, command);
    },
  };
}

/** The bridge of network `app`. */
export const bridgeOf = async ({ engine }: Bench): Promise<string> =>
  `br-${(await engine.docker('network', 'inspect', '-f', '{{.Id}}', 'app')).slice(0, 12)}`;

/** The host's end of a container's link to network `app`. */
export async function portOf({ engine }: Bench, container: string): Promise<string> {
  const id = await engine.docker('inspect', '-f', '{{.NetworkSettings.Networks.app.EndpointID}}', container);
  const { stdout } = await engine.on('host', 'ip', '-o', 'link');
  return new RegExp(`: ([a-z]+${id.slice(0, 11)})[@:]`).exec(stdout)?.[1] ?? '';
}

/** Of a container on network `app`. */
export const addressOf = ({ engine }: Bench, container: string): Promise<string> =>
  engine.docker('inspect', '-f', '{{.NetworkSettings.Networks.app.IPAddress}}', container);

export const macOf = ({ engine }: Bench, container: string): Promise<string> =>
  engine.docker('inspect', '-f', '{{.NetworkSettings.Networks.app.MacAddress}}', container);

/** Starts them again, and waits until `web` serves. */
export async function again(bench: Bench, containers: string): Promise<void> {
  await bench.docker(`restart -t 0 ${containers}`);
  for (let tries = 0; tries < 50; tries++) if ((await ask(bench, ['host', 'web:80'])).told.Reaches) return;
  throw new Error('web does not serve again');
}

/** The engine's answer, and the milliseconds that it took. */
export async function ask(
  { engine }: Bench,
  [from, to]: readonly [string, string],
): Promise<{ readonly told: Explanation; readonly took: number }> {
  const begun = performance.now();
  const query = `from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`;
  const { status, message, json } = await engine.api('GET', `/seaway/explain?${query}`);
  if (status !== 200) throw new Error(`${from} ${to}: ${status} ${message}`);
  return { told: json as Explanation, took: performance.now() - begun };
}

/** Tries a fault, and takes it back whatever comes of it. */
export async function tryFault(bench: Bench, fault: Fault): Promise<void> {
  await fault.set(bench);
  try {
    const { told, took } = await ask(bench, fault.ask);
    const cause: Partial<ExplainedCause> = told.Cause ?? {};
    expect(cause.Code, `${fault.name}: ${cause.Sentence ?? told.Probe}`).toBe(fault.code);
    if (fault.says) expect(cause.Sentence).toMatch(fault.says);
    expect(cause.Cure).not.toBe('');
    // a machine that is busy may take longer: the bench by itself does not
    if (process.env.SEAWAY_EXPLAIN) expect(took, `${fault.name} in time`).toBeLessThan(patience);
  } finally {
    await fault.undo?.(bench);
  }
}

/** A pair for which no cause may be told. */
export async function tryHealthy(bench: Bench, pair: readonly [string, string]): Promise<void> {
  const { told } = await ask(bench, pair);
  expect(told.Cause?.Sentence ?? '', `${pair[0]} to ${pair[1]}`).toBe('');
  expect(told.Reaches, `${pair[0]} to ${pair[1]}: ${told.Probe}`).toBe(true);
}

/** Findings of the engine, without the machine's own name servers, which a test host does not reach. */
async function examine({ engine }: Bench, fix: boolean): Promise<Examination['Findings']> {
  const { status, message, json } = fix
    ? await engine.api('POST', '/seaway/doctor/fix')
    : await engine.api('GET', '/seaway/doctor');
  if (status !== 200) throw new Error(`doctor: ${status} ${message}`);
  return (json as Examination).Findings.filter(({ Code }) => !/name-server/.test(Code));
}

export async function expectHealthy(bench: Bench, after: string): Promise<void> {
  const found = await examine(bench, false);
  expect(
    found.map(({ Sentence }) => Sentence),
    after,
  ).toEqual([]);
}

/** Sets it, and has it found and cured. */
export async function tryAilment(bench: Bench, { name, set, code }: Ailment): Promise<void> {
  await set(bench);
  const found = await examine(bench, false);
  if (code)
    expect(
      found.map(({ Code }) => Code),
      name,
    ).toContain(code);
  const cured = await examine(bench, true);
  expect(
    cured.map(({ Outcome, Error: why }) => `${Outcome}${why}`).filter((each) => each !== 'fixed'),
  ).toEqual([]);
  await expectHealthy(bench, name);
}
