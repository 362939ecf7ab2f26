/** The verbs of the runtime, in three groups. */
import { fail, messageOf } from '../errors.ts';
import type { Container } from '../model/container.ts';
import { isAlive, sendSignal } from '../programs/identity.ts';
import { sweepExits } from './adopt.ts';
import { PacketStream } from './attach.ts';
import { freeze, pidsOf, thaw } from './cgroup.ts';
import type { Context, RunningContainer } from './context.ts';
import { resizeTerminal } from './control.ts';
import { checkUser, startExec } from './exec.ts';
import type { ExitWatch } from './exits.ts';
import { sentenceOf } from './failures.ts';
import { abandonStart, createContainer, removeContainer, startContainer } from './lifecycle.ts';
import { isJsonFile } from './logs/config.ts';
import { readLogsOf } from './logs/of-container.ts';
import { removeLog } from './logs/rotation.ts';
import { hastenEnd } from './monitor.ts';
import { runProgram } from './run-runc.ts';
import type { AttachOptions, AttachStream, ExitEvent, Runtime } from './runtime.ts';
import { limitsOf } from './spec/resources.ts';
import { readStats } from './stats.ts';
import { versionKept, versionOf } from './versions.ts';

export type ExitListeners = Set<(event: ExitEvent) => void>;

function knownTo(context: Context, id: string): RunningContainer {
  const found = context.running.get(id);
  if (!found) throw fail('CONTAINER_NOT_RUNNING', id);
  return found;
}

async function update(context: Context, container: Container): Promise<void> {
  const { runc, runcRoot } = context.programs;
  const limits = JSON.stringify(limitsOf(container.hostConfig, context.facts));
  const args = ['--root', runcRoot, 'update', '--resources', '-', container.id];
  const { ok, output } = await runProgram(runc, args, { input: limits, limit: context.limits.verb });
  if (ok) return;
  if (!isAlive(context.running.get(container.id)?.process)) throw fail('CONTAINER_NOT_RUNNING', container.id);
  throw fail('RUNTIME_FAILED', `Cannot update container ${container.id}`, sentenceOf(output));
}

type LifecycleVerbs = Pick<
  Runtime,
  'create' | 'start' | 'abandonStart' | 'kill' | 'remove' | 'pause' | 'resume' | 'update' | 'resize'
>;

export function lifecycleVerbs(context: Context, exits: ExitWatch): LifecycleVerbs {
  const { trees, layout } = context;
  return {
    create: async (spec) => {
      exits.ensure();
      exits.forget(spec.container.id);
      try {
        return await createContainer(context, spec);
      } catch (thrown) {
        await sweepExits(context, exits);
        throw thrown;
      }
    },
    start: (id) => startContainer(context, id),
    abandonStart: (id) => abandonStart(context, id),
    kill: async (id, signal) => {
      const known = knownTo(context, id);
      const isSent = sendSignal(known.process, signal);
      hastenEnd(context, known, signal);
      if (!isSent) throw fail('CONTAINER_NOT_RUNNING', id);
    },
    remove: async (id) => {
      await removeContainer(context, id);
      exits.forget(id);
      await sweepExits(context, exits);
    },
    pause: async (id) => freeze(trees, knownTo(context, id).cgroup),
    resume: async (id) => thaw(trees, knownTo(context, id).cgroup),
    update: (container) => update(context, container),
    resize: async (id, size) => {
      const bundle = layout.bundle(knownTo(context, id).id);
      if (!resizeTerminal(bundle, size)) throw fail('CONTAINER_NOT_RUNNING', id);
    },
  };
}

function attachTo(context: Context, container: Container, options: AttachOptions): AttachStream {
  const { config, id } = container;
  const folder = context.layout.bundle(knownTo(context, id).id);
  const stdin = options.stdin && config.OpenStdin;
  // Where the last client's leaving closes standard input, only those that write to it may do so.
  const lingers = config.OpenStdin && config.StdinOnce && !config.Tty && !stdin;
  try {
    return new PacketStream({ folder, tty: config.Tty, lingers }, { ...options, stdin });
  } catch (thrown) {
    // It has ended this very moment: conmon does not listen any more.
    context.logger.debug('attach', { container: id, error: messageOf(thrown) });
    throw fail('CONTAINER_NOT_RUNNING', id);
  }
}

type StreamVerbs = Pick<
  Runtime,
  'attach' | 'exec' | 'checkUser' | 'resizeExec' | 'logs' | 'removeLogs' | 'logPath'
>;

export function streamVerbs(context: Context, listeners: ExitListeners): StreamVerbs {
  const { layout } = context;
  return {
    attach: async (container, options) => attachTo(context, container, options),
    exec: (container, spec, attach) => startExec(context, container, { spec, attach }),
    checkUser: (container, user) => checkUser(context, container, user),
    resizeExec: async (execId, size) => {
      if (!resizeTerminal(layout.exec(execId), size)) throw fail('EXEC_NOT_FOUND', execId);
    },
    logs: (container, options) => readLogsOf(context, container, { options, listeners }),
    removeLogs: async (id) => {
      await context.jsonLogs.stop(id);
      await removeLog(layout.jsonLog(id));
      await removeLog(layout.log(id));
    },
    logPath: ({ id, hostConfig }) => (isJsonFile(hostConfig.LogConfig) ? layout.jsonLog(id) : ''),
  };
}

export function factVerbs(context: Context): Pick<Runtime, 'versions' | 'pids' | 'stats'> {
  const { programs, trees } = context;
  const runcVersion = versionKept(() => versionOf(programs.runc));
  const conmonVersion = versionKept(() => versionOf(programs.conmon));
  return {
    versions: async () => {
      const [runc, conmon] = await Promise.all([runcVersion(), conmonVersion()]);
      return { runc, conmon };
    },
    pids: async (id) => pidsOf(trees, knownTo(context, id).cgroup),
    stats: async (id) => readStats(trees, knownTo(context, id).cgroup),
  };
}
