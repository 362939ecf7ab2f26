/** Which operations fail, and how: by environment variables. */
import { existsSync, readFileSync } from 'node:fs';
import { type Armed, errorCodes, type Failure, type Point } from './point.ts';

/**
 * So many points, spread over all, with one failure each; `all`: each point with every failure; `errors`: all but
 * programs that do not end; `hang`: those alone.
 */
const wanted = process.env.SEAWAY_FAULTS ?? '3';
const seed = Number(process.env.SEAWAY_FAULTS_SEED ?? 0);
/** `2/5`: of five parts the second. */
const [part = 1, parts = 1] = (process.env.SEAWAY_FAULTS_PART ?? '1/1').split('/').map(Number);

/** Of the lines of a report those that match, to try again what was found. */
const only = new RegExp(process.env.SEAWAY_FAULTS_ONLY ?? '');

const hangs = wanted === 'all' || wanted === 'hang';

const failuresOfPrograms: readonly Failure[] = ['exit', ...errorCodes];

/** One of the failures in rotation, or all of them. */
function failuresOf({ door }: Point, index: number): readonly Failure[] {
  const failures = door === 'program' ? failuresOfPrograms : errorCodes;
  const hang: readonly Failure[] = door === 'program' && hangs ? ['hang'] : [];
  if (wanted === 'hang') return hang;
  if (wanted === 'all' || wanted === 'errors') return [...failures, ...hang];
  return [failures[(index + seed) % failures.length] ?? 'EIO'];
}

/** What had a fault once is always among them, by operation and site. EMFILE is what a busy machine runs into. */
const hadFault: readonly (readonly [RegExp, Failure])[] = [
  [/^readFile .* readRecord\d* /, 'EMFILE'],
  [/^readFileSync .* isAlive\d* .* adoptContainers/, 'EMFILE'],
  [/^writeFile (?:async )?writeProcess\d* /, 'EMFILE'],
  [/^mkdirSync (?:async )?followFiles\d* /, 'EMFILE'],
  [/^readdir .* usedLayers\d* /, 'EIO'],
  [/^node .* readOnce\d* /, 'exit'],
  [/^watch #watch /, 'EMFILE'],
  [/^rm .*removeNamespace\d* /, 'EMFILE'],
  [/^readFileSync createPageDropper\d* /, 'EMFILE'],
  [/^stat JsonFile\d*\.open /, 'EIO'],
];

/** A file for what was tried and found, a line each. What it tells of already is not tried again. */
export const report = process.env.SEAWAY_FAULTS_REPORT;

export const titleOf = ({ door, operation, failure, site }: Armed): string =>
  `${door} ${operation} ${failure} at ${site}`;

const triedBefore = new Set(
  report !== undefined && existsSync(report)
    ? readFileSync(report, 'utf8')
        .split('\n')
        .flatMap((line) => /^(?:ok|not met): (.*)/.exec(line)?.[1] ?? [])
    : [],
);

/** The points are not met in the same order by each run: a part has the same ones always. */
const shareOf = (title: string): number =>
  [...title].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1_000_003, 7) % parts;

export function chosen(points: readonly Point[]): readonly Armed[] {
  const each = points.flatMap((point, index) =>
    failuresOf(point, index).map((failure) => ({ ...point, failure })),
  );
  const mine = each.filter(
    (armed) =>
      shareOf(titleOf(armed)) === part - 1 && only.test(titleOf(armed)) && !triedBefore.has(titleOf(armed)),
  );
  if (Number.isNaN(Number(wanted))) return mine;
  const step = Math.max(mine.length / Number(wanted), 1);
  const some = mine.filter(
    (_, index) => Math.floor((index + seed) / step) !== Math.floor((index + seed - 1) / step),
  );
  const again = points.flatMap((point) =>
    hadFault
      .filter(([pattern]) => pattern.test(`${point.operation} ${point.site}`))
      .map(([, failure]) => ({ ...point, failure })),
  );
  return [...some, ...again];
}
