/** `docker exec`: a further process in a running container. */
import { fail, messageOf } from '../errors.ts';
import type { Container } from '../model/container.ts';
import { findContainer } from '../model/references.ts';
import { exitCodeOfFailure } from '../runtime/failures.ts';
import type { AttachStream } from '../runtime/runtime.ts';
import { environmentOf } from './containers/environment.ts';
import { refuseIdle } from './containers/stop.ts';
import { tellExec } from './containers/tell.ts';
import type { Core } from './core.ts';
import type { ExecDetail, ExecDraft, ExecVerbs } from './verbs.ts';

interface Exec {
  readonly id: string;
  readonly containerId: string;
  readonly draft: ExecDraft;
  running: boolean;
  started: boolean;
  exitCode: number | undefined;
  pid: number;
  /** Once it was asked to start: resolves when it has, or could not. */
  begun?: Promise<unknown>;
  /** By the monotonic clock. */
  endedAt?: number;
}

/** As dockerd, in milliseconds. */
const keptFor = 5 * 60_000;

const known = new WeakMap<Core, Map<string, Exec>>();

function execsOf(core: Core): Map<string, Exec> {
  const execs = known.get(core) ?? new Map<string, Exec>();
  known.set(core, execs);
  return execs;
}

export const execIdsOf = (core: Core, containerId: string): readonly string[] =>
  Array.from(execsOf(core).values())
    .filter((exec) => exec.containerId === containerId && exec.exitCode === undefined)
    .map(({ id }) => id);

/** They go with their container. */
export function forgetExecs(core: Core, containerId: string): void {
  for (const [id, exec] of execsOf(core)) if (exec.containerId === containerId) execsOf(core).delete(id);
}

/** The container has ended: what was not started in it cannot be any more, as with dockerd. */
export function forgetUnstarted(core: Core, containerId: string): void {
  for (const [id, exec] of execsOf(core))
    if (exec.containerId === containerId && !exec.started) execsOf(core).delete(id);
}

export function execVerbs(core: Core): ExecVerbs {
  const find = (id: string): Exec => {
    const exec = execsOf(core).get(id);
    if (!exec) throw fail('EXEC_NOT_FOUND', id);
    return exec;
  };
  return {
    create: (ref, draft) => create(core, ref, draft),
    get: (id): ExecDetail => ({ ...find(id) }),
    refuseStart: (id) => void startable(core, find(id)),
    start: (id, options) => start(core, find(id), options),
    async resize(id, size) {
      // clients resize as soon as they have the stream, which is before there is a process
      await find(id).begun;
      await core.runtime.resizeExec(id, size);
    },
  };
}

async function create(core: Core, ref: string, draft: ExecDraft): Promise<string> {
  const container = findContainer(core.model, ref);
  if (draft.args.length === 0) throw fail('BAD_REQUEST', 'No exec command specified');
  refuseStanding(container, ref);
  await core.runtime.checkUser(container, draft.user);
  forgetEnded(core);
  const id = core.dice.id();
  execsOf(core).set(id, {
    id,
    containerId: container.id,
    draft,
    running: false,
    started: false,
    exitCode: undefined,
    pid: 0,
  });
  tellExec(core, 'exec_create', container, { id, args: draft.args });
  return id;
}

function refuseStanding(container: Container, ref: string): void {
  refuseIdle(container);
  if (container.state.status === 'paused')
    throw fail('CONTAINER_STATE', `Container ${ref} is paused, unpause the container before exec`);
}

/** Those that ended are kept for a while, for clients to ask for the exit code. */
function forgetEnded(core: Core): void {
  for (const [id, { endedAt }] of execsOf(core))
    if (endedAt !== undefined && performance.now() - endedAt > keptFor) execsOf(core).delete(id);
}

/** The container that it is to run in. */
function startable(core: Core, exec: Exec): Container {
  if (exec.started) throw fail('EXEC_STATE', `Error: Exec command ${exec.id} has already run`);
  const container = findContainer(core.model, exec.containerId);
  refuseStanding(container, container.id);
  return container;
}

async function start(
  core: Core,
  exec: Exec,
  { detach, tty: raw, size }: Parameters<ExecVerbs['start']>[1],
): Promise<AttachStream | undefined> {
  const container = startable(core, exec);
  exec.started = true;
  exec.running = true;
  const { draft } = exec;
  const attach = detach
    ? undefined
    : {
        stdin: draft.stdin,
        stdout: draft.stdout,
        // as dockerd: a raw stream of a process without a terminal is its standard output
        stderr: draft.stderr && (draft.tty || !raw),
        detachKeys: draft.detachKeys,
        framed: !raw,
      };
  const { args, cwd, user, tty, stdin, privileged } = draft;
  const env = environmentOf(core.model, container, draft);
  const terminal = { ...(draft.size && { size: draft.size }), ...(size && { size }) };
  tellExec(core, 'exec_start', container, { id: exec.id, args });
  try {
    const begun = core.runtime.exec(
      container,
      { id: exec.id, args, env, cwd, user, tty, stdin: stdin && !detach, privileged, ...terminal },
      attach,
    );
    exec.begun = begun.catch(() => undefined);
    const running = await begun;
    exec.pid = running.pid;
    running.exited.then(
      (exitCode) => ended(core, exec, exitCode),
      (error) => core.logger.error('waiting for an exec', { exec: exec.id, error }),
    );
    running.stream?.once('detached', () => tellExec(core, 'exec_detach', container, { id: exec.id }));
    return running.stream;
  } catch (error) {
    exec.running = false;
    // unlike for a container, what is neither missing nor forbidden is 126, too
    exec.exitCode = exitCodeOfFailure(messageOf(error)) === 127 ? 127 : 126;
    exec.endedAt = performance.now();
    throw error;
  }
}

function ended(core: Core, exec: Exec, exitCode: number): void {
  exec.running = false;
  exec.pid = 0;
  exec.exitCode = exitCode;
  exec.endedAt = performance.now();
  const container = core.model.get('containers', exec.containerId);
  if (container) tellExec(core, 'exec_die', container, { id: exec.id, exitCode });
}
