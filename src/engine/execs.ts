/** `docker exec`: a further process in a running container. */
import { fail, messageOf } from '../errors.ts';
import type { Container } from '../model/container.ts';
import { refuseIdle } from '../model/container-state.ts';
import type { Generators } from '../model/generators.ts';
import { findContainer } from '../model/references.ts';
import type { View } from '../model/tables.ts';
import type { Events } from '../observe/events.ts';
import type { Logger } from '../observe/logger.ts';
import { exitCodeOfFailure } from '../runtime/failures.ts';
import type { AttachOptions, AttachStream, Runtime } from '../runtime/runtime.ts';
import { emitExec } from './containers/container-events.ts';
import { environmentOf } from './containers/environment.ts';
import type { ExecDetail, ExecRequest, ExecVerbs } from './exec-verbs.ts';

interface Needs {
  readonly model: View;
  readonly generate: Pick<Generators, 'id'>;
  readonly runtime: Pick<Runtime, 'checkUser' | 'exec' | 'resizeExec'>;
  readonly events: Pick<Events, 'emit'>;
  readonly logger: Pick<Logger, 'error'>;
}

interface Exec {
  readonly id: string;
  readonly containerId: string;
  readonly request: ExecRequest;
  running: boolean;
  started: boolean;
  exitCode: number | undefined;
  pid: number;
  /** Since the request to start it: resolves when it has started or failed. */
  begun?: Promise<unknown>;
  /** By the monotonic clock. */
  endedAt?: number;
}

type StartOptions = Parameters<ExecVerbs['start']>[1];

/** Milliseconds that an ended exec is kept, as in dockerd. */
const keptFor = 5 * 60_000;

export class Execs implements ExecVerbs {
  readonly #needs: Needs;
  readonly #known = new Map<string, Exec>();

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  async create(ref: string, request: ExecRequest): Promise<string> {
    const { model, runtime, generate } = this.#needs;
    const container = findContainer(model, ref);
    if (request.args.length === 0) throw fail('BAD_REQUEST', 'No exec command specified');
    refuseStanding(container, ref);
    await runtime.checkUser(container, request.user);
    this.#forgetEnded();
    const id = generate.id();
    const idle = { running: false, started: false, exitCode: undefined, pid: 0 };
    this.#known.set(id, { id, containerId: container.id, request, ...idle });
    emitExec(this.#needs, 'exec_create', container, { id, args: request.args });
    return id;
  }

  get(id: string): ExecDetail {
    return { ...this.#find(id) };
  }

  refuseStart(id: string): void {
    this.#startable(this.#find(id));
  }

  async start(id: string, options: StartOptions): Promise<AttachStream | undefined> {
    const exec = this.#find(id);
    const container = this.#startable(exec);
    exec.started = true;
    exec.running = true;
    emitExec(this.#needs, 'exec_start', container, { id, args: exec.request.args });
    try {
      return await this.#begin(exec, container, options);
    } catch (error) {
      exec.running = false;
      exec.exitCode = exitCodeOfFailure(messageOf(error));
      exec.endedAt = performance.now();
      throw error;
    }
  }

  async resize(id: string, size: { readonly rows: number; readonly columns: number }): Promise<void> {
    const exec = this.#find(id);
    this.#standing(exec);
    // clients resize as soon as they have the stream, which is before there is a process
    await exec.begun;
    await this.#needs.runtime.resizeExec(id, size);
  }

  /** Ids of a container's execs that have not ended. */
  idsOf(containerId: string): readonly string[] {
    return this.#of(containerId).flatMap(({ id, exitCode }) => (exitCode === undefined ? [id] : []));
  }

  /** Forgets the execs of a removed container. */
  forget(containerId: string): void {
    for (const { id } of this.#of(containerId)) this.#known.delete(id);
  }

  /** Forgets execs that were not started when their container ended, as dockerd. */
  forgetUnstarted(containerId: string): void {
    for (const { id, started } of this.#of(containerId)) if (!started) this.#known.delete(id);
  }

  #of(containerId: string): readonly Exec[] {
    return [...this.#known.values()].filter((exec) => exec.containerId === containerId);
  }

  #find(id: string): Exec {
    const exec = this.#known.get(id);
    if (!exec) throw fail('EXEC_NOT_FOUND', id);
    return exec;
  }

  /** Its container, if it can be started. */
  #startable(exec: Exec): Container {
    const container = this.#standing(exec);
    if (exec.started) throw fail('EXEC_STATE', `Error: Exec command ${exec.id} has already run`);
    return container;
  }

  /** Its container, which must run; like dockerd, checked before anything about the exec. */
  #standing(exec: Exec): Container {
    const container = findContainer(this.#needs.model, exec.containerId);
    refuseStanding(container, container.id);
    return container;
  }

  /** Ended execs are kept for a while, so that clients can read the exit code. */
  #forgetEnded(): void {
    for (const [id, { endedAt }] of this.#known)
      if (endedAt !== undefined && performance.now() - endedAt > keptFor) this.#known.delete(id);
  }

  async #begin(exec: Exec, container: Container, options: StartOptions): Promise<AttachStream | undefined> {
    const { model, runtime, logger } = this.#needs;
    const { id, request } = exec;
    const { args, cwd, user, tty, stdin, privileged } = request;
    const size = options.size ?? request.size;
    const env = environmentOf(model, container, request);
    const spec = { id, args, env, cwd, user, tty, stdin: stdin && !options.detach, privileged };
    const begun = runtime.exec(
      container,
      { ...spec, ...(size && { size }) },
      attachOptions(request, options),
    );
    exec.begun = begun.catch(() => undefined);
    const { pid, exited, stream } = await begun;
    exec.pid = pid;
    exited.then(
      (exitCode) => this.#ended(exec, exitCode),
      (error) => logger.error('waiting for an exec', { exec: id, error }),
    );
    stream?.once('detached', () => emitExec(this.#needs, 'exec_detach', container, { id }));
    return stream;
  }

  #ended(exec: Exec, exitCode: number): void {
    exec.running = false;
    exec.exitCode = exitCode;
    exec.endedAt = performance.now();
    const container = this.#needs.model.get('containers', exec.containerId);
    if (container) emitExec(this.#needs, 'exec_die', container, { id: exec.id, exitCode });
  }
}

function refuseStanding(container: Container, ref: string): void {
  refuseIdle(container);
  if (container.state.status === 'paused')
    throw fail('CONTAINER_STATE', `Container ${ref} is paused, unpause the container before exec`);
}

/** Undefined if no client is attached. */
function attachOptions(request: ExecRequest, { detach, tty: raw }: StartOptions): AttachOptions | undefined {
  if (detach) return undefined;
  const { stdin, stdout, detachKeys } = request;
  // as dockerd: a raw stream of a process without a terminal has its standard output only
  const stderr = request.stderr && (request.tty || !raw);
  return { stdin, stdout, stderr, detachKeys, framed: !raw };
}
