/** Restart policies (`--restart`). Pure. */
import type { Container } from '../../model/container.ts';
import { withState } from '../../model/containers.ts';

/** Whether the policy restarts it after this exit. */
export function wantsRestart({ hostConfig, state, restartCount }: Container, exitCode: number): boolean {
  const { Name, MaximumRetryCount } = hostConfig.RestartPolicy;
  if (state.stoppedByUser) return false;
  if (Name === 'always' || Name === 'unless-stopped') return true;
  if (Name !== 'on-failure' || exitCode === 0) return false;
  return MaximumRetryCount === 0 || restartCount < MaximumRetryCount;
}

/** Whether it is started with the engine: `always` even if it was stopped. */
export function wantsStartAtBoot(container: Container): boolean {
  const { hostConfig, state } = container;
  if (state.status === 'created') return false;
  return hostConfig.RestartPolicy.Name === 'always' || wantsRestart(container, state.exitCode);
}

export const restarting = (container: Container): Container => ({
  ...withState(container, { status: 'restarting' }),
  restartCount: container.restartCount + 1,
});
