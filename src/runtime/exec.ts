/** Further processes in a running container, each with its own conmon and folder. */
import { readdirSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '../errors.ts';
import { inTheEnd } from '../files/in-the-end.ts';
import { removeOwnFolder } from '../kernel/files/own-folder.ts';
import type { Container } from '../model/container.ts';
import { isAlive } from '../programs/identity.ts';
import { ensureProfileOf } from './apparmor.ts';
import { PacketStream } from './attach.ts';
import { bounded } from './bounded.ts';
import { type Conmon, launchConmon } from './conmon.ts';
import type { Context } from './context.ts';
import { execFailure } from './failures.ts';
import { killWithMonitor } from './monitor.ts';
import { watchEnd } from './process-end.ts';
import { identifyByFile } from './record.ts';
import { readAccountFiles } from './rootfs-files.ts';
import type { AttachOptions, AttachStream, ExecSpec } from './runtime.ts';
import type { OciSpec, OciUser } from './spec/oci.ts';
import { execProcessOf } from './spec/process.ts';
import { resolveUser } from './spec/user.ts';

export interface StartedExec {
  readonly pid: number;
  readonly stream?: AttachStream;
  readonly exited: Promise<number>;
}

async function userOf(container: Container, asked: string, config: OciSpec): Promise<OciUser> {
  const files = await readAccountFiles(config.root.path);
  if (asked === '') return config.process.user;
  return resolveUser(asked, container.hostConfig.GroupAdd ?? [], files);
}

/** The specification that the container was made from. Throws CONTAINER_NOT_RUNNING. */
async function specOf(context: Context, { id }: Container): Promise<OciSpec> {
  const text = await readFile(join(context.layout.bundle(id), 'config.json'), 'utf8').catch(() => '');
  if (text === '') throw fail('CONTAINER_NOT_RUNNING', id);
  return JSON.parse(text) as OciSpec;
}

/** See `Runtime.checkUser`. */
export async function checkUser(context: Context, container: Container, user: string): Promise<void> {
  if (user !== '') await userOf(container, user, await specOf(context, container));
}

/** Makes the folder of an exec, with its `process.json`. */
async function writeProcess(context: Context, container: Container, spec: ExecSpec): Promise<void> {
  const config = await specOf(context, container);
  const user = await userOf(container, spec.user, config);
  const process = execProcessOf(container, spec, { first: config.process, user, facts: context.facts });
  await ensureProfileOf(process, { limit: context.limits.verb });
  const folder = context.layout.exec(spec.id);
  await mkdir(join(folder, 'exit'), { recursive: true, mode: 0o700 });
  await writeFile(join(folder, 'process.json'), JSON.stringify(process), { mode: 0o600 });
}

/** The exit code comes by the pipe and is conmon's last output. */
async function awaitExit(context: Context, conmon: Conmon, folder: string): Promise<number> {
  const last = await conmon.next();
  conmon.release();
  await removeEnded(context, folder);
  // conmon was killed: its process cannot be told from one that was killed.
  return last?.data ?? 137;
}

async function attachTo(
  conmon: Conmon,
  folder: string,
  { spec, attach }: { spec: ExecSpec; attach: AttachOptions },
): Promise<AttachStream> {
  await conmon.attachable;
  const options = { ...attach, stdin: attach.stdin && spec.stdin };
  const lingers = spec.stdin && !options.stdin && !spec.tty;
  const stream = new PacketStream({ folder, tty: spec.tty, lingers }, options);
  conmon.begin();
  return stream;
}

/** See `Runtime.exec`. */
export async function startExec(
  context: Context,
  container: Container,
  { spec, attach }: { readonly spec: ExecSpec; readonly attach: AttachOptions | undefined },
): Promise<StartedExec> {
  if (!context.running.has(container.id)) throw fail('CONTAINER_NOT_RUNNING', container.id);
  const folder = context.layout.exec(spec.id);
  let stream: AttachStream | undefined;
  let conmon: Conmon | undefined;
  try {
    await writeProcess(context, container, spec);
    conmon = await launchConmon(context.programs, {
      id: container.id,
      bundle: folder,
      exitDir: join(folder, 'exit'),
      terminal: spec.tty,
      stdin: spec.stdin,
      leaveStdinOpen: spec.tty,
      log: '',
      logLimit: 0,
      execSpec: join(folder, 'process.json'),
      execAttach: attach !== undefined,
    });
    const bounds = { what: context.programs.runc, limit: context.limits.start };
    if (attach) stream = await bounded(attachTo(conmon, folder, { spec, attach }), bounds);
    const answer = await bounded(conmon.next(), bounds);
    if (answer === undefined || answer.data <= 0) throw execFailure(answer?.message ?? conmon.complaint());
    return { pid: answer.data, ...(stream && { stream }), exited: awaitExit(context, conmon, folder) };
  } catch (thrown) {
    stream?.destroy();
    conmon?.abandon();
    killWithMonitor(await identifyByFile(join(folder, 'conmon.pid')));
    await removeEnded(context, folder);
    throw thrown;
  }
}

/** Removes folders of an earlier engine's execs, as soon as their conmon has ended. */
export async function removeStaleExecs(context: Context): Promise<void> {
  for (const execId of readdirSync(context.layout.execs)) {
    const folder = context.layout.exec(execId);
    const monitor = await identifyByFile(join(folder, 'conmon.pid'));
    if (!isAlive(monitor)) removeOwnFolder(folder);
    else watchEnd(monitor, () => void removeEnded(context, folder));
  }
}

/** Never rejects: how the exec has ended is known. */
const removeEnded = ({ logger }: Context, folder: string): Promise<void> =>
  inTheEnd(async () => removeOwnFolder(folder), { doing: `removing ${folder}`, logger });
