/** Within the faulty engine: every call at a door passes here, is noted, and fails if it is the one that is armed. */
import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import type { Armed, ErrorCode, Failure, Point, Told } from './point.ts';

const points = new Map<string, Point>();
const unhandled: string[] = [];
let armed: readonly Armed[] = [];
let fired: number[] = [];

export function arm(next: readonly Armed[]): void {
  armed = next;
  fired = [];
  points.clear();
  unhandled.length = 0;
}

export const told = (): Told => ({ points: [...points.values()], fired, unhandled });

export function watchUnhandled(): void {
  const note = (error: unknown): void =>
    void unhandled.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.on('uncaughtException', note);
  process.on('unhandledRejection', note);
}

/** Frames of a site: enough to tell apart who asks through a common helper. */
const depth = 5;
const depthOfPrograms = 7;
/** The doors' own functions, and those by which everything starts a program or writes to the store. */
const own =
  /^(?:async )?(?:[\w<>]+\.)*(?:siteOf|pass|\w+Door\d*|directly|startProgram|startPiped|runProgram\d*|insideOf)\b/;
const ownOfStore = /^(?:async )?(?:Object\.(?:commit|transact|keep)|write\d*|run\d*)\b/;

/** How this call must fail, or undefined. Called by the doors alone, synchronously. */
export function pass(door: Point['door'], operation: string): Failure | undefined {
  const site = siteOf(door);
  if (site === '') return undefined;
  const point = { door, operation, site };
  points.set(`${door} ${operation} ${site}`, point);
  const index = armed.findIndex(
    (each, at) =>
      each.site === site && each.operation === operation && each.door === door && !fired.includes(at),
  );
  if (index < 0) return undefined;
  fired.push(index);
  return armed[index]?.failure;
}

/** '' for calls that are not the engine's own: those of Node and of the harness. */
function siteOf(door: Point['door']): string {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = 30;
  const stack = new Error().stack ?? '';
  Error.stackTraceLimit = before;
  const frames = stack
    .split('\n')
    .slice(1)
    .map((line) => line.trim().replace(/^at /, ''));
  const calling = frames.filter(
    (frame) =>
      frame.includes('seawayd.js:') && !own.test(frame) && !(door === 'store' && ownOfStore.test(frame)),
  );
  return calling
    .slice(0, door === 'program' ? depthOfPrograms : depth)
    .map((frame) => frame.replace(/\(?(?:file:\/\/)?\/\S*seawayd\.js:(\d+):(\d+)\)?$/, '$1:$2'))
    .join(' < ');
}

/** As Node throws it. */
export function systemError(code: ErrorCode, syscall: string, path?: string): NodeJS.ErrnoException {
  const errno = -constants.errno[code];
  const words = getSystemErrorMap().get(errno)?.[1] ?? code;
  const where = path === undefined ? '' : ` '${path}'`;
  const error = new Error(`${code}: ${words}, ${syscall}${where}`);
  return Object.assign(error, { errno, code, syscall, ...(path !== undefined && { path }) });
}

/** A failure that is an error; the others are for programs alone. */
export const codeOf = (failure: Failure): ErrorCode =>
  failure === 'exit' ? 'EIO' : failure === 'hang' ? 'ETIMEDOUT' : failure;
