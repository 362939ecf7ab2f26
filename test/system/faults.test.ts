/** Every operation of the kernel, the store, files and programs fails once, and nothing else follows from it. */
import { beforeAll, expect, test } from 'vitest';
import { chosen, titleOf } from './faults/choice.ts';
import { openFaultyEngine } from './faults/faulty-engine.ts';
import type { Armed, Point } from './faults/point.ts';
import { everything, Play, type Step } from './faults/scenario.ts';
import { type Pending, Stepwise } from './faults/stepwise.ts';
import { note, Trial, told, words } from './faults/trial.ts';

const engine = openFaultyEngine();
const trial = new Trial(engine);
const longest = 12 * 60 * 60_000;
/** So often in between the engine is started again, and everything is made once more. */
const passesBetween = 4;
/**
 * Far from each other: where something is found, each is tried by itself. The engine is opened again three times; what
 * fails after that is tried again by itself.
 */
const atOnceInStart = { opening: 3, recovering: 9 };
/** What its request did not meet is seldom met at all. */
const atOnceThroughout = 12;
const isOpening = ({ site }: Point): boolean => /patiently|preflight|openCore|openState/.test(site);

const everyDoor = new Set<Point['door']>(['kernel', 'store', 'file', 'program']);

const faults: string[] = [];
let tried = 0;

beforeAll(() => trial.begin());

function fault(text: string): void {
  faults.push(text);
  note(`FAULT: ${text}`);
}

function fine(armed: readonly Armed[], how = 'ok'): void {
  tried += armed.length;
  for (const one of armed) note(`${how}: ${titleOf(one)}`);
}

type Attempt = (group: readonly Armed[]) => Promise<readonly string[]>;

/** After something was found: which of them it was, by halves. What only several do together is told of all. */
async function narrow(group: readonly Armed[], found: readonly string[], attempt: Attempt): Promise<void> {
  note(`found after ${group.length} failures: ${found.join('; ')}`);
  await trial.mend();
  if (group.length <= 1) return fault(told(group, found));
  const before = faults.length;
  const middle = Math.ceil(group.length / 2);
  for (const half of [group.slice(0, middle), group.slice(middle)]) {
    const again = [...(await attempt(half)), ...(await trial.goesOn())];
    if (again.length > 0) await narrow(half, again, attempt);
  }
  if (faults.length === before) fault(told(group, found));
}

type Tried = (
  group: readonly Armed[],
) => Promise<{ readonly fired: readonly Armed[]; readonly found: readonly string[] }>;

/** Those that were not met. */
async function tryGroups(groups: readonly (readonly Armed[])[], attempt: Tried): Promise<readonly Armed[]> {
  const unmet: Armed[] = [];
  for (const group of groups) {
    const { fired, found } = await attempt(group);
    unmet.push(...group.filter((armed) => !fired.includes(armed)));
    fine(fired, found.length === 0 ? 'ok' : 'looked at again');
    if (found.length > 0) await narrow(fired, found, async (half) => (await attempt(half)).found);
  }
  return unmet;
}

async function begin(points: readonly Point[]): Promise<readonly Armed[]> {
  faults.length = 0;
  tried = 0;
  const each = chosen(points);
  note(`${points.length} points, ${each.length} failures`);
  return each;
}

function end(): void {
  note(`${tried} failures tried, ${faults.length} with a fault`);
  expect(faults.join('\n')).toBe('');
}

test('every operation of a request fails once', { timeout: longest }, async () => {
  const stepOf = new Map<string, Step>();
  const points: Point[] = [];
  const play = new Play(engine);
  for (const step of everything.steps) {
    await engine.arm();
    const said = await play.step(step);
    expect(said.status, words(said)).toBeLessThan(400);
    const fresh = (await engine.told()).points.filter((point) => !stepOf.has(keyOf(point)));
    for (const point of fresh) stepOf.set(keyOf(point), step);
    points.push(...fresh);
  }
  expect(await trial.judge()).toEqual([]);
  expect(new Set(points.map(({ door }) => door))).toEqual(everyDoor);
  expect(points.length).toBeGreaterThan(300);
  const pendingOf = (list: readonly Armed[]): Pending =>
    new Map(
      everything.steps.map((step) => [step, list.filter((armed) => stepOf.get(keyOf(armed)) === step)]),
    );
  const unmet: Armed[] = [];
  const attempt: Attempt = async (group) => {
    const stepwise = new Stepwise(engine, { trial, pending: pendingOf(group) });
    const found: string[] = [];
    while (found.length === 0 && !stepwise.isDone()) found.push(...(await stepwise.pass()).found);
    return found;
  };
  const stepwise = new Stepwise(engine, { trial, pending: pendingOf(await begin(points)) });
  let since: Armed[] = [];
  for (let pass = 1; !stepwise.isDone(); pass++) {
    const passed = await stepwise.pass();
    unmet.push(...passed.unmet);
    since.push(...passed.fired);
    const isLast = pass % passesBetween === 0 || stepwise.isDone();
    const found = passed.found.length === 0 && isLast ? await trial.goesOn() : passed.found;
    fine(passed.fired, found.length === 0 ? 'ok' : 'looked at again');
    if (found.length > 0) await narrow(isLast ? since : passed.fired, found, attempt);
    if (isLast) since = [];
  }
  const never = await tryGroups(groupsOf(unmet, atOnceThroughout), (group) =>
    trial.throughout(group, everything),
  );
  for (const armed of never) note(`not met: ${titleOf(armed)}`);
  end();
});

test('every operation of the start-up fails once', { timeout: longest }, async () => {
  await engine.restart();
  const { points } = await engine.told();
  expect(new Set(points.map(({ door }) => door))).toEqual(everyDoor);
  const start: Tried = (group) => trial.start(group);
  const unmet = await tryGroups(groupsInStart(await begin(points)), start);
  for (const armed of await tryGroups(groupsInStart(unmet), start)) note(`not met: ${titleOf(armed)}`);
  expect(await trial.goesOn()).toEqual([]);
  end();
});

const groupsOf = (list: readonly Armed[], size: number): readonly (readonly Armed[])[] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  );

/** In the order in which they are met: those of the opening come first. */
function groupsInStart(each: readonly Armed[]): readonly (readonly Armed[])[] {
  const middle = each.findLastIndex(isOpening) + 1;
  const [opening, recovering] = [each.slice(0, middle), each.slice(middle)];
  const count = Math.max(
    Math.ceil(opening.length / atOnceInStart.opening),
    Math.ceil(recovering.length / atOnceInStart.recovering),
  );
  return Array.from({ length: count }, (_, index) =>
    [opening, recovering].flatMap((list) => list.filter((_, at) => at % count === index)),
  );
}

function keyOf({ door, operation, site }: Point): string {
  return `${door} ${operation} ${site}`;
}
