/**
 * Changes: the affected scopes are planned on the future records, the records are written, and the kernel is made to
 * agree. If that fails, the records are restored and the kernel is made to agree with those.
 */
import { affected, type Scopes } from '../affected/affected.ts';
import { choicesOf } from '../model/decisions.ts';
import { overlay } from '../model/overlay.ts';
import { isMovable } from '../model/ports.ts';
import type { Change, View } from '../model/tables.ts';
import { changesOf, type Decision, type Transition } from '../model/transition.ts';
import { note, span } from '../observe/trace.ts';
import { planNetworkScope, planSandboxScope } from '../reconcile/plan.ts';
import { checkFirewall } from '../reconcile/plan-firewall.ts';
import type { Core } from './core.ts';
import { PortRefused } from './host-ports.ts';
import type { Made } from './records.ts';

/** Parts of the engine that `follow` uses. */
export interface Followed extends Pick<Core, 'model' | 'reconciler' | 'retries' | 'networkFiles'> {
  readonly resolver: Pick<Core['resolver'], 'forget' | 'ensure'>;
  readonly hostPorts: Pick<Core['hostPorts'], 'hold' | 'letGo'>;
  readonly relays: Pick<Core['relays'], 'follow'>;
  readonly firewalld: Pick<Core['firewalld'], 'follow'>;
  readonly sharing: Pick<Core['sharing'], 'released'>;
}

export type Following = Followed & Pick<Core, 'resolver' | 'hostPorts' | 'firewalld'>;
export type Changing = Following & Pick<Core, 'records' | 'facts' | 'logger' | 'outbox'>;

/** A `Transition`; `occupied` are ports (`tcp/8080`) that turned out to be in use by another program of the host. */
export type Choosing<D> = (view: View, occupied: ReadonlySet<string>) => D;

interface Choice<D> {
  readonly decided: D;
  readonly changes: readonly Change[];
  readonly scopes: Scopes;
}

/** Most attempts to choose ports that the host does not use. */
const portTries = 64;

/**
 * Runs the transition and makes its changes. Throws errors of planning and PortRefused before anything is written.
 * `effect` is run after convergence; if either fails, it is run again with the former records.
 */
export async function change<D extends Decision>(
  core: Changing,
  transition: Choosing<D>,
  effect?: () => Promise<unknown>,
): Promise<D> {
  const { decided, ...made } = await span(committing, () => commit(core, transition, 'transact'));
  await followOrTakeBack(core, { ...made, ...(effect && { effect }) });
  return decided;
}

/**
 * As `change`, for a removal, which is made even on a full disk: records and files of containers are then written
 * later.
 */
export async function takeAway<D extends Decision>(
  core: Changing,
  transition: Choosing<D>,
  effect?: () => Promise<unknown>,
): Promise<D> {
  const { decided, ...made } = await span(committing, () => commit(core, transition, 'keep'));
  const { files } = made.scopes;
  const scopes = { ...made.scopes, files: new Map() };
  await followOrTakeBack(core, { ...made, scopes, ...(effect && { effect }) });
  if (files.size > 0) {
    const subject = { key: `files:${[...files.keys()].join(' ')}`, name: 'network files of containers' };
    await core.retries.attempt(subject, () => core.networkFiles.follow(files));
  }
  return decided;
}

const committing = { kind: 'stage', name: 'decide and commit' } as const;
const following = { kind: 'stage', name: 'follow' } as const;

function noteChoices(before: View, changes: readonly Change[]): void {
  const after = overlay(before, changes);
  for (const { what, fields } of choicesOf(changes, { before, after })) note(what, fields);
}

/** A change that was written and is to be followed. */
interface Standing extends Pick<Made<unknown>, 'takenBack' | 'owed'> {
  readonly scopes: Scopes;
  readonly effect?: () => Promise<unknown>;
}

async function followOrTakeBack(
  core: Changing,
  { scopes, takenBack, owed, effect = async () => undefined }: Standing,
): Promise<void> {
  try {
    await span(following, () => follow(core, scopes));
    await effect();
  } catch (error) {
    const back = await core.records.keep(takenBack);
    await follow(core, scopes)
      .then(effect)
      .catch((again) => core.logger.error('taking back a change failed', { error: again }));
    await core.outbox.work(back.owed);
    throw error;
  }
  await core.outbox.work(owed);
}

/** Holds published ports before the records are written. If that fails, the former ports are held again. */
async function commit<D extends Decision>(
  core: Changing,
  transition: Choosing<D>,
  how: 'transact' | 'keep',
): Promise<Choice<D> & Pick<Made<D>, 'takenBack' | 'owed'>> {
  let held: ReadonlySet<string> = new Set();
  try {
    const { decided: choice, ...made } = await core.records[how]((view) => {
      holdPorts(core, view, held);
      held = new Set();
      const made = choose(core, view, transition);
      held = made.scopes.ports;
      noteChoices(view, made.changes);
      return made;
    });
    return { ...choice, ...made };
  } catch (error) {
    holdAgain(core, core.model, held);
    throw error;
  }
}

/** If the host uses a chosen port and another is possible, the transition is run again without it. */
function choose<D extends Decision>(core: Changing, view: View, transition: Choosing<D>): Choice<D> {
  const occupied = new Set<string>();
  for (let attempt = 1; ; attempt++) {
    const decided = transition(view, occupied);
    const changes = changesOf(decided);
    const scopes = planned(core, changes);
    try {
      if (scopes.ports.size > 0) holdPorts(core, overlay(view, changes), scopes.ports);
      return { decided, changes, scopes };
    } catch (error) {
      holdAgain(core, view, scopes.ports);
      if (!(error instanceof PortRefused) || !isMovable(error.port) || attempt === portTries) throw error;
      note('port', {
        taken: `${error.port.protocol}/${error.port.hostPort}`,
        why: 'a program of the host has it',
      });
      occupied.add(`${error.port.protocol}/${error.port.hostPort}`);
    }
  }
}

/**
 * For events that have happened, which a full disk does not undo: runs the transition and releases freed ports at once.
 * The caller follows the scopes when it is their turn.
 */
export async function keep<D extends Decision>(
  core: Pick<Changing, 'records' | 'hostPorts'>,
  transition: Transition<D>,
): Promise<{ readonly decided: D; readonly scopes: Scopes; readonly owed: readonly string[] }> {
  const { decided, owed } = await core.records.keep(
    (view) => {
      const made = transition(view);
      const changes = changesOf(made);
      const scopes = affected({ before: view, after: overlay(view, changes) }, changes);
      return { decided: made, changes, scopes };
    },
    // before the commit, since others may want them
    ({ scopes }) => {
      for (const id of scopes.ports) core.hostPorts.letGo(id);
    },
  );
  return { ...decided, owed };
}

/** The scopes that changes affect. Throws if one cannot be planned, so that the request is refused. */
export function planned(core: Pick<Core, 'model' | 'facts'>, changes: readonly Change[]): Scopes {
  const after = overlay(core.model, changes);
  const scopes = affected({ before: core.model, after }, changes);
  if (scopes.networks.size + scopes.sandboxes.size === 0) return scopes;
  const facts = core.facts();
  for (const id of scopes.networks) planNetworkScope(after, id, facts);
  for (const id of scopes.sandboxes) planSandboxScope(after, id, facts);
  if (scopes.firewall) checkFirewall(after, { ...scopes, before: core.model }, facts);
  return scopes;
}

/**
 * Makes held ports, kernel, firewall, resolver and the files of containers agree with the records, within the scopes.
 * No other function does. Resolves with the number of changes to the kernel. `restore` is for healing: only missing
 * objects on the host's side of the scopes are restored.
 */
export async function follow(
  core: Followed,
  scopes: Scopes,
  way: 'converge' | 'restore' = 'converge',
): Promise<number> {
  const { model, reconciler, resolver, networkFiles } = core;
  holdPorts(core, model, scopes.ports);
  const served = (id: string): boolean => model.get('sandboxes', id)?.resolver === true;
  // first, because its sockets would keep the namespace
  for (const id of scopes.resolver) if (!served(id)) await resolver.forget(id);
  const actions = way === 'converge' ? await converge(core, scopes) : await restore(reconciler, scopes);
  await core.relays.follow(scopes.ports);
  await core.firewalld.follow(scopes.networks);
  for (const id of scopes.resolver)
    if (served(id))
      await resolver.ensure(id).catch((error) => {
        // else it has gone meanwhile
        if (served(id)) throw error;
      });
  await networkFiles.follow(scopes.files);
  await core.sharing.released(scopes.sandboxes);
  return actions;
}

async function converge({ model, reconciler, retries }: Followed, scopes: Scopes): Promise<number> {
  const { networks, sandboxes } = scopes;
  const before = await Promise.all(Array.from(networks, (id) => reconciler.convergeNetwork(id)));
  // nothing starts without its rules
  const withFirewall =
    scopes.firewall || scopes.forwarding || (sandboxes.size > 0 && retries.has('firewall'));
  const ended = await Promise.allSettled([
    ...Array.from(sandboxes, (id) => convergeWithNetworks({ model, reconciler }, id)),
    ...(withFirewall ? [reconciler.convergeFirewall()] : []),
  ]);
  // even if a sandbox has failed, since others have come or gone
  const reached = [...scopes.reached].filter((id) => !networks.has(id) && model.get('networks', id));
  const after = await Promise.all(reached.map((id) => reconciler.convergeNetwork(id, { sandboxes: false })));
  return sum([...before, ...after, ...ended.map(resolved)]);
}

/** If it fails, its networks' links may be missing; these are made first, and then it converges again. */
async function convergeWithNetworks(
  { model, reconciler }: Pick<Followed, 'model' | 'reconciler'>,
  id: string,
): Promise<number> {
  try {
    return await reconciler.convergeSandbox(id);
  } catch (error) {
    const networks = new Set(model.endpointsOfSandbox(id).map(({ networkId }) => networkId));
    const made = await Promise.allSettled(Array.from(networks, (one) => reconciler.convergeNetwork(one)));
    if (made.length === 0 || made.some(({ status }) => status === 'rejected')) throw error;
    return await reconciler.convergeSandbox(id);
  }
}

/** Bridges before their ports. */
async function restore(reconciler: Core['reconciler'], scopes: Scopes): Promise<number> {
  return sum([
    ...(await Promise.all(Array.from(scopes.networks, (id) => reconciler.restoreNetwork(id)))),
    ...(await Promise.all(Array.from(scopes.sandboxes, (id) => reconciler.restoreSandbox(id)))),
    scopes.forwarding ? await reconciler.restoreForwarding() : 0,
    scopes.firewall ? await reconciler.restoreFirewall() : 0,
  ]);
}

function resolved<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** Throws PortRefused. */
function holdPorts(
  { hostPorts }: Pick<Followed, 'hostPorts'>,
  view: Pick<View, 'get'>,
  ids: Iterable<string>,
): void {
  for (const id of ids) {
    const sandbox = view.get('sandboxes', id);
    if (sandbox) hostPorts.hold(id, sandbox.ports);
    else hostPorts.letGo(id);
  }
}

/** After an error, which is the one to be thrown. */
function holdAgain(
  core: Pick<Core, 'hostPorts' | 'logger'>,
  view: Pick<View, 'get'>,
  ids: Iterable<string>,
): void {
  try {
    holdPorts(core, view, ids);
  } catch (error) {
    core.logger.error('holding published ports again', { error });
  }
}
