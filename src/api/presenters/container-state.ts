/** The state of a container: `State` of inspect, and the one line of `docker ps`. */

import { humanDuration } from '../../go/duration.ts';
import { type Container, type ContainerState, NEVER } from '../../model/container.ts';

/** Docker counts a paused or restarting container as running. */
export function isRunning(state: ContainerState): boolean {
  return state.status === 'running' || state.status === 'paused' || state.status === 'restarting';
}

const since = (date: string, now: number): string => humanDuration(now - Date.parse(date));

function upText(state: ContainerState, now: number): string {
  const up = `Up ${since(state.startedAt, now)}`;
  if (state.status === 'paused') return `${up} (Paused)`;
  if (!state.health) return up;
  return `${up} (${state.health.status === 'starting' ? 'health: starting' : state.health.status})`;
}

/** `Up 5 minutes (healthy)`, `Exited (0) 3 seconds ago`; `now` in milliseconds since the epoch. */
export function statusText(state: ContainerState, now: number): string {
  if (state.status === 'restarting') {
    return `Restarting (${state.exitCode}) ${since(state.finishedAt, now)} ago`;
  }
  if (isRunning(state)) return upText(state, now);
  if (state.status === 'removing') return 'Removal In Progress';
  if (state.status === 'dead') return 'Dead';
  if (state.startedAt === NEVER && state.status === 'created') return 'Created';
  if (state.finishedAt === NEVER) return '';
  return `Exited (${state.exitCode}) ${since(state.finishedAt, now)} ago`;
}

function presentHealth(state: ContainerState): object {
  if (!state.health) return {};
  return {
    Health: {
      Status: state.health.status,
      FailingStreak: state.health.failingStreak,
      Log: state.health.log.map((entry) => ({
        Start: entry.start,
        End: entry.end,
        ExitCode: entry.exitCode,
        Output: entry.output,
      })),
    },
  };
}

/** `State` of `GET /containers/{id}/json`. */
export function presentState({ state }: Container): object {
  return {
    Status: state.status,
    Running: isRunning(state),
    Paused: state.status === 'paused',
    Restarting: state.status === 'restarting',
    OOMKilled: state.oomKilled,
    Dead: state.status === 'dead',
    Pid: state.pid,
    ExitCode: state.exitCode,
    Error: state.error,
    StartedAt: state.startedAt,
    FinishedAt: state.finishedAt,
    ...presentHealth(state),
  };
}
