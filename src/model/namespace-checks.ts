/** The namespaces that a container may share (`--pid`, `--ipc`, `--uts`, `--userns`). */
import { fail } from '../errors.ts';
import type { HostConfig } from './container.ts';

const another = /^container:.+$/;

/** Throws CONTAINER_CONFIG_INVALID in Docker's words. */
export function checkNamespaces(host: HostConfig): void {
  const { PidMode: pid, IpcMode: ipc, UTSMode: uts } = host;
  if (!['', 'host'].includes(pid) && !another.test(pid)) {
    throw fail('CONTAINER_CONFIG_INVALID', `invalid PID mode: ${pid}`);
  }
  if (!['', 'none', 'private', 'shareable', 'host'].includes(ipc) && !another.test(ipc)) {
    throw fail('CONTAINER_CONFIG_INVALID', `invalid IPC mode: ${ipc}`);
  }
  if (!['', 'host'].includes(uts)) throw fail('CONTAINER_CONFIG_INVALID', `invalid UTS mode: ${uts}`);
}
