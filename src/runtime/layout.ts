/** Paths of the runtime: state of one boot under `root`, logs under `dataRoot`. */
import { join } from 'node:path';

export interface Layout {
  /** State of the OCI runtime (`runc --root`). */
  readonly runc: string;
  readonly bundles: string;
  /** A file per ended container, written by conmon: its exit code. */
  readonly exits: string;
  readonly execs: string;
  readonly shms: string;
  readonly root: string;
  bundle(id: string): string;
  exec(execId: string): string;
  exit(id: string): string;
  /** /dev/shm of a shareable container, a tmpfs on the host. */
  shm(id: string): string;
  logFolder(id: string): string;
  /** conmon's log. */
  log(id: string): string;
  /** The log in Docker's format, of the driver json-file. */
  jsonLog(id: string): string;
}

export function layoutOf(root: string, dataRoot: string): Layout {
  const logFolder = (id: string): string => join(dataRoot, 'containers', id);
  const folder = (name: string): string => join(root, name);
  return {
    root,
    runc: folder('runc'),
    bundles: folder('bundles'),
    exits: folder('exits'),
    execs: folder('execs'),
    shms: folder('shm'),
    bundle: (id) => join(root, 'bundles', id),
    exec: (id) => join(root, 'execs', id),
    exit: (id) => join(root, 'exits', id),
    shm: (id) => join(root, 'shm', id),
    logFolder,
    log: (id) => join(logFolder(id), `${id}.log`),
    jsonLog: (id) => join(logFolder(id), `${id}-json.log`),
  };
}
