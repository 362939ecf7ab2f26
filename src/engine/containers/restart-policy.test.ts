import { describe, expect, it } from 'vitest';
import { world } from '../../../test/model/fixture.ts';
import type { ContainerState } from '../../model/container.ts';
import { withState } from '../../model/containers.ts';
import { restarting, wantsRestart, wantsStartAtBoot } from './restart-policy.ts';

interface Case {
  readonly policy: string;
  readonly most?: number;
  readonly count?: number;
  readonly state?: Partial<ContainerState>;
}

const sample = world().container('c1');

const container = ({ policy, most = 0, count = 0, state = {} }: Case) => ({
  ...withState(sample, { status: 'exited', ...state }),
  hostConfig: { ...sample.hostConfig, RestartPolicy: { Name: policy, MaximumRetryCount: most } },
  restartCount: count,
});

const stopped = { stoppedByUser: true };

describe('a container that has ended', () => {
  const cases: [Case, number, boolean][] = [
    [{ policy: 'no' }, 1, false],
    [{ policy: '' }, 1, false],
    [{ policy: 'always' }, 0, true],
    [{ policy: 'always' }, 1, true],
    [{ policy: 'always', count: 99 }, 1, true],
    [{ policy: 'always', state: stopped }, 1, false],
    [{ policy: 'unless-stopped' }, 0, true],
    [{ policy: 'unless-stopped', state: stopped }, 137, false],
    [{ policy: 'on-failure' }, 0, false],
    [{ policy: 'on-failure' }, 1, true],
    [{ policy: 'on-failure', count: 99 }, 1, true],
    [{ policy: 'on-failure', state: stopped }, 1, false],
    [{ policy: 'on-failure', most: 2, count: 1 }, 1, true],
    [{ policy: 'on-failure', most: 2, count: 2 }, 1, false],
    [{ policy: 'on-failure', most: 2, count: 0 }, 0, false],
  ];
  it.each(cases)('of %j with exit code %i runs again: %s', (asked, exitCode, expected) => {
    expect(wantsRestart(container(asked), exitCode)).toBe(expected);
  });

  it('counts its restarts', () => {
    const again = restarting(restarting(container({ policy: 'always' })));
    expect([again.state.status, again.restartCount]).toEqual(['restarting', 2]);
  });
});

describe('at a start of the engine', () => {
  const cases: [Case, boolean][] = [
    [{ policy: 'no', state: { exitCode: 1 } }, false],
    [{ policy: 'always' }, true],
    [{ policy: 'always', state: stopped }, true],
    [{ policy: 'always', state: { status: 'created' } }, false],
    [{ policy: 'unless-stopped' }, true],
    [{ policy: 'unless-stopped', state: stopped }, false],
    [{ policy: 'unless-stopped', state: { status: 'created' } }, false],
    [{ policy: 'on-failure', state: { exitCode: 1 } }, true],
    [{ policy: 'on-failure', state: { exitCode: 0 } }, false],
    [{ policy: 'on-failure', most: 3, count: 3, state: { exitCode: 1 } }, false],
  ];
  it.each(cases)('a container of %j is started: %s', (asked, expected) => {
    expect(wantsStartAtBoot(container(asked))).toBe(expected);
  });
});
