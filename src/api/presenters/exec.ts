/** `GET /exec/{id}/json` (Docker Engine API 1.50: ExecInspectResponse). */
import type { ExecDetail } from '../../engine/exec-verbs.ts';
import { defaultDetachKeys } from '../hijack/detach-keys.ts';

/** The requested keys; '' for Docker's default. */
function presentDetachKeys(keys: Uint8Array): string {
  const asked = Buffer.from(keys);
  return asked.equals(defaultDetachKeys) ? '' : asked.toString('base64');
}

export function presentExec(exec: ExecDetail): object {
  const { request } = exec;
  const [entrypoint = '', ...args] = request.args;
  return {
    ID: exec.id,
    Running: exec.running,
    ExitCode: exec.exitCode ?? null,
    ProcessConfig: {
      tty: request.tty,
      entrypoint,
      arguments: args,
      privileged: request.privileged,
      ...(request.user && { user: request.user }),
    },
    OpenStdin: request.stdin,
    OpenStderr: request.stderr,
    OpenStdout: request.stdout,
    CanRemove: false,
    ContainerID: exec.containerId,
    DetachKeys: presentDetachKeys(request.detachKeys),
    Pid: exec.pid,
  };
}
