/** Events of scope swarm, which a manager tells of every change of the records, whoever made it. */
import type { EngineEvent, Events } from '../../observe/events.ts';
import type { SwarmStore } from '../../swarm/access.ts';
import type { SwarmChange, SwarmNode, SwarmService, SwarmTables, SwarmView } from '../../swarm/records.ts';
import type { Core } from '../core.ts';

type Attributes = Readonly<Record<string, string>>;
type Told = Omit<EngineEvent, 'time'>;

const types = {
  nodes: 'node',
  services: 'service',
  networks: 'network',
  secrets: 'secret',
  configs: 'config',
} as const;
type ToldTable = keyof typeof types;

/** While this node is a manager. Returns the way to stop it. */
export function tellSwarmEvents({ swarm, events }: Pick<Core, 'swarm' | 'events'>): () => void {
  let told: { readonly store: SwarmStore; readonly stop: () => void } | undefined;
  const follow = (): void => {
    const store = swarm.standing().isManager ? swarm.store() : undefined;
    if (store === told?.store) return;
    told?.stop();
    told = store && { store, stop: tellEvents(store, events) };
  };
  const end = swarm.onStanding(follow);
  follow();
  return () => {
    end();
    told?.stop();
  };
}

export const tellEvents = (store: SwarmStore, events: Pick<Events, 'emit'>): (() => void) =>
  store.onChange((changes, before) => {
    for (const event of eventsOf(changes, before)) events.emit(event);
  });

export function eventsOf(changes: readonly SwarmChange[], before: SwarmView): readonly Told[] {
  return changes.flatMap((change) => {
    const { table } = change;
    if (!isTold(table)) return [];
    const id = 'put' in change ? change.put.id : change.remove;
    const old = before.get(table, id);
    const now = 'put' in change ? (change.put as SwarmTables[ToldTable]) : undefined;
    const action = actionOf(old, now);
    return action === undefined ? [] : [told(table, { id, action, old, now })];
  });
}

const isTold = (table: string): table is ToldTable => Object.hasOwn(types, table);

type ToldRecord = SwarmTables[ToldTable];

/** A change of what only managers know of a node or service is no news. */
function actionOf(old: ToldRecord | undefined, now: ToldRecord | undefined): string | undefined {
  if (!old) return now ? 'create' : undefined;
  if (!now) return 'remove';
  return shown(old) === shown(now) ? undefined : 'update';
}

function shown(record: ToldRecord): string {
  const { version: _version, updatedAt: _updated, ...rest } = record;
  if ('status' in rest) {
    const { session: _session, ...node } = rest;
    return JSON.stringify(node);
  }
  return JSON.stringify(rest);
}

interface Change {
  readonly id: string;
  readonly action: string;
  readonly old: ToldRecord | undefined;
  readonly now: ToldRecord | undefined;
}

function told(table: ToldTable, { id, action, old, now }: Change): Told {
  const record = now ?? old;
  const name = record ? nameOf(record) : '';
  const changed = old && now ? differences(old, now) : {};
  return { type: types[table], action, id, scope: 'swarm', attributes: { name, ...changed } };
}

function nameOf(record: ToldRecord): string {
  if ('network' in record) return record.network.name;
  if (record.spec.Name !== '' || !('description' in record)) return record.spec.Name;
  return record.description?.hostname ?? '';
}

function differences(old: ToldRecord, now: ToldRecord): Attributes {
  if ('number' in old && 'number' in now) return nodeDifferences(old, now);
  if ('specVersion' in old && 'specVersion' in now) return pairs(serviceFacts(old), serviceFacts(now));
  return {};
}

type Facts = Readonly<Record<string, string | undefined>>;

/** Changes of how it manages are events only of a node that managed before. */
function nodeDifferences(old: SwarmNode, now: SwarmNode): Attributes {
  const { manager: _manager, ...worker } = now;
  return pairs(nodeFacts(old), nodeFacts(old.manager ? now : worker));
}

const nodeFacts = ({ spec, status, manager }: SwarmNode): Facts => ({
  availability: spec.Availability,
  role: spec.Role,
  state: status.state,
  leader: manager && String(manager.leader),
  reachability: manager?.reachability,
});

const serviceFacts = ({ spec, updateStatus }: SwarmService): Facts => ({
  image: spec.TaskTemplate.ContainerSpec?.Image,
  replicas: spec.Mode?.Replicated && String(spec.Mode.Replicated.Replicas ?? 1),
  updatestate: updateStatus?.state,
});

/** `replicas.old` and `replicas.new` of each that has changed; one that was not there before has no `old`. */
const pairs = (old: Facts, now: Facts): Attributes =>
  Object.fromEntries(
    Object.entries(now).flatMap(([key, value]) => {
      const was = old[key];
      if (value === undefined || value === was) return [];
      return [...(was === undefined ? [] : [[`${key}.old`, was]]), [`${key}.new`, value]];
    }),
  );
