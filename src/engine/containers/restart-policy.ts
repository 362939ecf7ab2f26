/** Whether and when a container that ended is started again (`--restart`). */
import type { Container } from '../../model/container.ts';
import { withState } from '../../model/containers.ts';
import type { Core } from '../core.ts';

/** Docker's: 100 ms, doubled each time up to a minute, from the start again after 10 s of running. */
const firstDelay = 100;
const longestDelay = 60_000;
const longEnough = 10_000;

interface Plan {
  readonly delay: number;
  timer: NodeJS.Timeout | undefined;
}

const plans = new WeakMap<Core, Map<string, Plan>>();

function plansOf(core: Core): Map<string, Plan> {
  const known = plans.get(core) ?? new Map<string, Plan>();
  plans.set(core, known);
  return known;
}

/** Pure: does the policy want it to run again after this exit? */
export function wantsRestart({ hostConfig, state, restartCount }: Container, exitCode: number): boolean {
  const { Name, MaximumRetryCount } = hostConfig.RestartPolicy;
  if (state.stoppedByUser) return false;
  if (Name === 'always' || Name === 'unless-stopped') return true;
  if (Name !== 'on-failure' || exitCode === 0) return false;
  return MaximumRetryCount === 0 || restartCount < MaximumRetryCount;
}

/** At start-up: does it belong among the running ones? `always` runs again even if it was stopped. */
export function wantsStartAtBoot(container: Container): boolean {
  const { hostConfig, state } = container;
  if (state.status === 'created') return false;
  return hostConfig.RestartPolicy.Name === 'always' || wantsRestart(container, state.exitCode);
}

/** Plan the next start; the container is `restarting` until then. */
export function planRestart(core: Core, container: Container, start: (id: string) => Promise<void>): void {
  const ranFor = Date.parse(container.state.finishedAt) - Date.parse(container.state.startedAt);
  const before = ranFor > longEnough ? 0 : (plansOf(core).get(container.id)?.delay ?? 0);
  const delay = before === 0 ? firstDelay : Math.min(before * 2, longestDelay);
  const plan: Plan = { delay, timer: undefined };
  plansOf(core).set(container.id, plan);
  plan.timer = setTimeout(() => {
    plan.timer = undefined;
    void start(container.id).catch((error) =>
      core.logger.warn('a restart failed', { container: container.id, error }),
    );
  }, delay);
}

/** Names the start at boot of a container among what is tried again. */
export const bootKey = (id: string): string => `start:${id}`;

/** The user starts, stops or removes it: nothing that was planned for it counts any more. */
export function forgetRestarts(core: Core, id: string): void {
  forgetPlan(core, id);
  core.retries.drop(bootKey(id));
}

/** Drop the plan, if there is one, and how long the last delay was. */
export function forgetPlan(core: Core, id: string): void {
  clearTimeout(plansOf(core).get(id)?.timer);
  plansOf(core).delete(id);
}

/** How many hold a container. */
const held = new WeakMap<Core, Map<string, number>>();

/** `docker restart` of a container with `--rm`: it is not removed when it ends in between. */
export async function holdForRestart<T>(core: Core, id: string, task: () => Promise<T>): Promise<T> {
  const mine = held.get(core) ?? new Map<string, number>();
  held.set(core, mine.set(id, (mine.get(id) ?? 0) + 1));
  try {
    return await task();
  } finally {
    const left = (mine.get(id) ?? 1) - 1;
    if (left > 0) mine.set(id, left);
    else mine.delete(id);
  }
}

export const isHeldForRestart = (core: Core, id: string): boolean => held.get(core)?.has(id) ?? false;

/** All plans, when the engine ends. */
export function cancelRestarts(core: Core): void {
  for (const { timer } of plansOf(core).values()) clearTimeout(timer);
  plansOf(core).clear();
}

export const restarting = (container: Container): Container => ({
  ...withState(container, { status: 'restarting' }),
  restartCount: container.restartCount + 1,
});
