/** `GET /exec/{id}/json` (Docker Engine API 1.50: ExecInspectResponse). */
import type { ExecDetail } from '../../engine/exec-verbs.ts';
import { defaultDetachKeys } from '../hijack/detach-keys.ts';

/** Docker shows what was asked, and nothing for its default. */
function presentDetachKeys(keys: Uint8Array): string {
  const asked = Buffer.from(keys);
  return asked.equals(defaultDetachKeys) ? '' : asked.toString('base64');
}

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
    DetachKeys: presentDetachKeys(draft.detachKeys),
    Pid: exec.pid,
  };
}
