/** `GET /exec/{id}/json` (Docker Engine API 1.50: ExecInspectResponse). */
import type { ExecDetail } from '../../engine/verbs.ts';

export function presentExec(exec: ExecDetail): object {
  const { draft } = exec;
  const [entrypoint = '', ...args] = draft.args;
  return {
    ID: exec.id,
    Running: exec.running,
    ExitCode: exec.exitCode ?? null,
    ProcessConfig: {
      tty: draft.tty,
      entrypoint,
      arguments: args,
      privileged: draft.privileged,
      ...(draft.user && { user: draft.user }),
    },
    OpenStdin: draft.stdin,
    OpenStderr: draft.stderr,
    OpenStdout: draft.stdout,
    CanRemove: false,
    ContainerID: exec.containerId,
    DetachKeys: Buffer.from(draft.detachKeys).toString('base64'),
    Pid: exec.pid,
  };
}
