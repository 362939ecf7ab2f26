/** Parts of a service's spec that `create` and `update` make the same way. */
import { CliError } from '../failure.ts';
import type { NetworkAttachment } from '../spec/networks.ts';
import type { SharedFlags } from './service-flags.ts';
import type { Attachment, RestartPolicy, UlimitSpec, UpdateConfig } from './types.ts';

const seconds = 1e9;

export type Given = ReadonlySet<string>;

export const anyGiven = (given: Given, names: readonly (keyof SharedFlags)[]): boolean =>
  names.some((name) => given.has(name));

/** What an update does that says nothing about how (swarmkit's defaults, which docker sends along). */
const updateDefaults: UpdateConfig = {
  Parallelism: 1,
  FailureAction: 'pause',
  Monitor: 5 * seconds,
  MaxFailureRatio: 0,
  Order: 'stop-first',
};

type Direction = 'update' | 'rollback';

const updateNames = (direction: Direction) =>
  [
    [`${direction}Parallelism`, 'Parallelism'],
    [`${direction}Delay`, 'Delay'],
    [`${direction}Monitor`, 'Monitor'],
    [`${direction}FailureAction`, 'FailureAction'],
    [`${direction}MaxFailureRatio`, 'MaxFailureRatio'],
    [`${direction}Order`, 'Order'],
  ] as const;

/** The settings with the given flags over them; as they were where no flag speaks of them. */
export function updateConfigOf(
  { flags, given }: { readonly flags: SharedFlags; readonly given: Given },
  direction: Direction,
  before: UpdateConfig | undefined,
): UpdateConfig | undefined {
  const changed = updateNames(direction).filter(([flag]) => given.has(flag));
  if (changed.length === 0) return before;
  const own = Object.fromEntries(changed.map(([flag, field]) => [field, flags[flag]]));
  return { ...(before ?? updateDefaults), ...own };
}

/** The same for restarts. */
export function restartPolicyOf(
  { flags, given }: { readonly flags: SharedFlags; readonly given: Given },
  before: RestartPolicy | undefined,
): RestartPolicy | undefined {
  const names = ['restartCondition', 'restartDelay', 'restartMaxAttempts', 'restartWindow'] as const;
  if (!anyGiven(given, names)) return before;
  const policy: RestartPolicy = {
    ...(before ?? { Condition: 'any', Delay: 5 * seconds, MaxAttempts: 0, Window: 0 }),
  };
  if (given.has('restartCondition')) policy.Condition = flags.restartCondition;
  if (given.has('restartDelay')) policy.Delay = flags.restartDelay;
  if (given.has('restartMaxAttempts')) policy.MaxAttempts = flags.restartMaxAttempts;
  if (given.has('restartWindow')) policy.Window = flags.restartWindow;
  return policy;
}

/** A network of a service, still by its name. */
export const attachmentOf = ({ target, aliases, driverOptions }: NetworkAttachment): Attachment => ({
  Target: target,
  Aliases: aliases,
  DriverOpts: driverOptions,
});

/** `host:ip` as an entry of a hosts file. */
export function hostsEntry(text: string): string {
  const at = text.indexOf(':');
  return `${text.slice(at + 1)} ${text.slice(0, at)}`;
}

export const ulimitSpec = ({
  name,
  soft,
  hard,
}: {
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}): UlimitSpec => ({ Name: name, Hard: hard, Soft: soft });

/** Throws `CliError` where flags say both that there is a health check and that there is none. */
export function checkHealthFlags(isNone: boolean, others: boolean): void {
  if (isNone && others) throw new CliError('--no-healthcheck conflicts with --health-* options');
}

/** Sorted by code points, as Go sorts texts. */
export const sorted = (texts: Iterable<string>): string[] => [...texts].sort((a, b) => (a < b ? -1 : 1));
