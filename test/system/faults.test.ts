/** Every operation of the kernel, the store, files and programs fails once, and nothing else follows from it. */
import { appendFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { soon } from './commands.ts';
import { openFaultyEngine } from './faults/faulty-engine.ts';
import { type Armed, errorCodes, type Failure, type Point } from './faults/point.ts';
import { play, reuse, type Said, tidy } from './faults/scenario.ts';
import { difference, snapshot } from './snapshot.ts';

const engine = openFaultyEngine();
/** So many points, spread over all, with one failure each; `all` for each point with every failure. */
const wanted = process.env.SEAWAY_FAULTS ?? '3';
const seed = Number(process.env.SEAWAY_FAULTS_SEED ?? 0);
/** A file for what was tried and found, a line each. */
const report = process.env.SEAWAY_FAULTS_REPORT;
const everything = 6 * 60 * 60_000;

let steady: readonly string[] = [];
let web = 0;

const webPid = async (): Promise<number> => {
  const { json } = await engine.api('GET', '/containers/web/json');
  return (json as { readonly State?: { readonly Pid: number } } | undefined)?.State?.Pid ?? 0;
};

beforeAll(async () => {
  const server = ['busybox', 'httpd', '-f', '-p', '80', '-h', '/etc'];
  // with IPv6, whose rules stay once there were some
  await engine.seaway('network', 'create', '--ipv6', 'steady');
  await engine.seaway('run', '-d', '--name', 'web', '--network', 'steady', '-p', '8080:80', ...server);
  await engine.restart();
  web = await webPid();
  steady = snapshot(engine);
});

/** One of the failures in rotation, or all of them. */
function failuresOf({ door }: Point, index: number): readonly Failure[] {
  const failures: readonly Failure[] = door === 'program' ? ['exit', ...errorCodes] : errorCodes;
  if (wanted === 'all') return door === 'program' ? [...failures, 'hang'] : failures;
  return [failures[(index + seed) % failures.length] ?? 'EIO'];
}

/** What had a fault once is always among them. */
const hadFault = /^readFile .* readRecord |^readFileSync .* isAlive .* adoptContainers/;

function chosen(points: readonly Point[]): readonly Armed[] {
  const each = points.flatMap((point, index) =>
    failuresOf(point, index).map((failure) => ({ ...point, failure })),
  );
  if (wanted === 'all') return each;
  const step = Math.max(each.length / Number(wanted), 1);
  const some = each.filter(
    (_, index) => Math.floor((index + seed) / step) !== Math.floor((index + seed - 1) / step),
  );
  // EMFILE is what a busy machine runs into
  const again = points.filter(({ operation, site }) => hadFault.test(`${operation} ${site}`));
  return [...some, ...again.map((point) => ({ ...point, failure: 'EMFILE' as const }))];
}

const titleOf = ({ door, operation, failure, site }: Armed): string =>
  `${door} ${operation} ${failure} at ${site}`;

const words = ({ asked, status, message }: Said): string => `${asked}: ${status} ${message}`;

/** What the engine has made of it, seen from outside. Empty: all is as it was. */
async function judge(): Promise<readonly string[]> {
  const found: string[] = [];
  let now: readonly string[] = [];
  await soon(() => {
    now = difference(steady, snapshot(engine));
    return now.length === 0;
  }, 10_000);
  found.push(...now.map((line) => `left: ${line}`));
  const page = await engine.page('outside', 'http://198.51.100.2:8080/hostname');
  if (!/^[0-9a-f]{12}$/.test(page)) found.push(`the published port of another container: ${page}`);
  if ((await webPid()) !== web) found.push('another container has ended');
  return found;
}

/** A reason was given: never nothing, never a bug. */
const isUnreasoned = ({ status, message }: Said): boolean =>
  status === 0 || (status >= 400 && (message === '' || message.startsWith('a bug in seaway')));

async function restarted(): Promise<readonly string[]> {
  try {
    if (engine.isRunning) await engine.stop();
    await engine.start();
    return await judge();
  } catch (error) {
    return [`a fresh engine: ${error instanceof Error ? error.message : error}`];
  }
}

/** After a fault that left something: what follows is judged by itself. */
async function mend(): Promise<void> {
  engine.armStart();
  if (!engine.isRunning) await engine.start();
  await engine.arm();
  await tidy(engine);
  await engine.trySeaway(['start', 'web']);
  steady = snapshot(engine);
  web = await webPid();
}

async function failInWork(armed: Armed): Promise<readonly string[] | 'not met'> {
  await engine.arm(armed);
  const said = await play(engine);
  const { fired, unhandled } = engine.isRunning
    ? await engine.arm()
    : { fired: true, unhandled: ['the engine has ended'] };
  const removing = await tidy(engine);
  if (!fired) return 'not met';
  return [
    ...said.filter(isUnreasoned).map(words),
    ...unhandled.map((error) => `nobody handled: ${error}`),
    ...removing.map((one) => `not removable: ${words(one)}`),
    ...(await reuse(engine)).map((one) => `not reusable: ${words(one)}`),
    ...(await judge()),
    ...(await restarted()),
  ];
}

async function failInStart(armed: Armed): Promise<readonly string[] | 'not met'> {
  const found: string[] = [];
  engine.armStart(armed);
  await engine.stop();
  try {
    await engine.start();
    const { fired, unhandled } = await engine.told();
    if (!fired) return 'not met';
    found.push(...unhandled.map((error) => `nobody handled: ${error}`), ...(await judge()));
  } catch {
    // what refuses to start says why in a sentence
    const last = engine.log(2).trim();
    if (!last.startsWith('seawayd: ')) found.push(`it ended with: ${last}`);
    note(`refused to start: ${last}`);
  } finally {
    engine.armStart();
  }
  const refused = engine.isRunning ? await reuse(engine) : [];
  return [...found, ...refused.map((one) => `not reusable: ${words(one)}`), ...(await restarted())];
}

function note(line: string): void {
  if (report !== undefined) appendFileSync(report, `${line}\n`);
}

async function failEach(
  points: readonly Point[],
  attempt: (armed: Armed) => Promise<readonly string[] | 'not met'>,
): Promise<void> {
  const faults: string[] = [];
  let met = 0;
  for (const armed of chosen(points)) {
    const found = await attempt(armed);
    note(`${found === 'not met' ? 'not met' : found.length === 0 ? 'ok' : 'FAULT'}: ${titleOf(armed)}`);
    if (found === 'not met') continue;
    met += 1;
    if (found.length === 0) continue;
    faults.push([titleOf(armed), ...found.map((line) => `  ${line}`)].join('\n'));
    note(faults.at(-1) ?? '');
    await mend();
  }
  note(`${points.length} points, ${met} failures met, ${faults.length} with a fault`);
  expect(faults.join('\n')).toBe('');
  expect(met).toBeGreaterThan(0);
}

test('every operation of a request fails once', { timeout: everything }, async () => {
  await engine.arm();
  for (const said of await play(engine)) expect(said.status, words(said)).toBeLessThan(400);
  const { points } = await engine.arm();
  expect(await judge()).toEqual([]);
  await failEach(points, failInWork);
});

test('every operation of the start-up fails once', { timeout: everything }, async () => {
  await engine.restart();
  const { points } = await engine.told();
  await failEach(points, failInStart);
});
