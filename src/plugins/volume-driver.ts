/** Calls to volume plugins, with Docker's fields (moby, volume/drivers/proxy.go). */
import Type, { type Static, type TSchema } from 'typebox';
import { fail, hasCode } from '../errors.ts';
import type { PluginClient } from './plugin.ts';
import type { PluginSurvey, Plugins } from './plugins.ts';

/** A volume as reported by its plugin. */
export interface SeenVolume {
  readonly name: string;
  /** Path on this host; '' while it is not mounted. */
  readonly mountpoint: string;
  /** RFC 3339; '' if the plugin gives none. */
  readonly created: string;
  readonly status?: Readonly<Record<string, unknown>>;
}

export type VolumeScope = 'local' | 'global';

export interface VolumeDriver {
  /** With its tag for a plugin that the engine runs. */
  readonly name: string;
  readonly scope: VolumeScope;
  create(name: string, options: Readonly<Record<string, string>>): Promise<void>;
  /** Undefined if the plugin has no volume of that name. Throws if the plugin does not answer. */
  get(name: string): Promise<SeenVolume | undefined>;
  list(): Promise<readonly SeenVolume[]>;
  remove(name: string): Promise<void>;
  /** Mounts the volume for the user `id`, and resolves with its path on this host. */
  mount(name: string, id: string): Promise<string>;
}

const text = Type.Optional(Type.String());
const failure = { Err: text };
const nothing = Type.Object(failure);
const volume = Type.Object({
  ...{ Name: text, Mountpoint: text, CreatedAt: text },
  Status: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
const answers = {
  get: Type.Object({ ...failure, Volume: Type.Optional(volume) }),
  list: Type.Object({ ...failure, Volumes: Type.Optional(Type.Array(volume)) }),
  mount: Type.Object({ ...failure, Mountpoint: text }),
  capabilities: Type.Object({
    ...failure,
    Capabilities: Type.Optional(Type.Object({ Scope: text })),
  }),
};

/** The call for the outbox when a user of a volume is gone. */
export const unmountCall = (plugin: string, name: string, id: string) =>
  ({ plugin, role: 'VolumeDriver', method: 'VolumeDriver.Unmount', body: { Name: name, ID: id } }) as const;

export const removeCall = (plugin: string, name: string) =>
  ({ plugin, role: 'VolumeDriver', method: 'VolumeDriver.Remove', body: { Name: name } }) as const;

/** Throws the errors of `plugins.find`. */
export async function volumeDriver(plugins: Plugins, name: string): Promise<VolumeDriver> {
  return driverOf(await plugins.find(name, 'VolumeDriver'));
}

export interface DriverSurvey {
  readonly found: readonly VolumeDriver[];
  readonly failed: PluginSurvey['failed'];
}

/** All volume plugins, and those that do not answer. */
export async function volumeDrivers(plugins: Plugins): Promise<DriverSurvey> {
  const { found, failed } = await plugins.all('VolumeDriver');
  const asked = await Promise.allSettled(found.map(driverOf));
  const drivers = asked.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const silent = asked.flatMap((result, at) =>
    result.status === 'rejected' ? [{ name: found[at]?.name ?? '', error: result.reason as unknown }] : [],
  );
  return { found: drivers, failed: [...failed, ...silent] };
}

async function driverOf(client: PluginClient): Promise<VolumeDriver> {
  const scope = await scopeOf(client);
  return {
    name: client.name,
    scope,
    create: async (name, options) => {
      const body = { Name: name, Opts: sorted(options) };
      await ask(client, { method: 'Create', body, answer: nothing });
    },
    get: (name) => get(client, name),
    list: async () => {
      const { Volumes = [] } = await ask(client, { method: 'List', body: {}, answer: answers.list });
      return Volumes.map((one) => seen(client, one));
    },
    remove: async (name) => {
      await ask(client, { method: 'Remove', body: { Name: name }, answer: nothing });
    },
    mount: (name, id) => mount(client, name, id),
  };
}

/** An error from the plugin means that there is no such volume: the protocol has no other way to say so. */
async function get(client: PluginClient, name: string): Promise<SeenVolume | undefined> {
  try {
    const { Volume } = await ask(client, { method: 'Get', body: { Name: name }, answer: answers.get });
    return Volume && seen(client, { Name: name, ...Volume });
  } catch (error) {
    if (hasCode(error, 'PLUGIN_REFUSED', 'PLUGIN_LACKS_METHOD')) return undefined;
    throw error;
  }
}

async function mount(client: PluginClient, name: string, id: string): Promise<string> {
  const body = { Name: name, ID: id };
  const { Mountpoint = '' } = await ask(client, { method: 'Mount', body, answer: answers.mount });
  if (!Mountpoint.startsWith('/'))
    throw fail('PLUGIN_BROKEN', 'VolumeDriver.Mount', `the mountpoint "${Mountpoint}" is no absolute path`);
  return client.hostPath(Mountpoint);
}

interface Question<S extends TSchema> {
  readonly method: string;
  readonly body: object;
  readonly answer: S;
}

/** Throws PLUGIN_REFUSED also for an error in a body with status 200. */
async function ask<S extends TSchema>(
  client: PluginClient,
  { method, body, answer }: Question<S>,
): Promise<Static<S>> {
  const given = await client.call(`VolumeDriver.${method}`, body, answer);
  const { Err = '' } = given as { readonly Err?: string };
  if (Err !== '') throw fail('PLUGIN_REFUSED', '', Err);
  return given;
}

const seen = (
  client: PluginClient,
  { Name = '', Mountpoint = '', CreatedAt = '', Status }: Static<typeof volume>,
): SeenVolume => ({
  name: Name,
  mountpoint: Mountpoint === '' ? '' : client.hostPath(Mountpoint),
  created: Number.isNaN(Date.parse(CreatedAt)) ? '' : CreatedAt,
  ...(Status && { status: Status }),
});

/** In the order in which Go writes maps; `null` for an empty one, as Docker sends it. */
function sorted(options: Readonly<Record<string, string>>): Readonly<Record<string, string>> | null {
  const entries = Object.entries(options);
  return entries.length === 0 ? null : Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

interface KnownScope {
  readonly scope: VolumeScope;
  /** By `performance.now()`. */
  readonly until: number;
}

/** By handshake: a restarted plugin may have another scope. */
const scopes = new WeakMap<object, KnownScope>();
/** Milliseconds until a plugin that failed to answer is asked again, so that not every request waits for it. */
const doubtful = 30_000;

/** Asked once per handshake. The default is `local`, as in Docker. */
async function scopeOf(client: PluginClient): Promise<VolumeScope> {
  const { activation } = client;
  const known = scopes.get(activation);
  if (known && performance.now() < known.until) return known.scope;
  const found = await askScope(client);
  scopes.set(activation, found);
  return found.scope;
}

async function askScope(client: PluginClient): Promise<KnownScope> {
  try {
    const { Capabilities } = await ask(client, {
      ...{ method: 'Capabilities', body: {}, answer: answers.capabilities },
    });
    return { scope: Capabilities?.Scope?.toLowerCase() === 'global' ? 'global' : 'local', until: Infinity };
  } catch (error) {
    if (hasCode(error, 'PLUGIN_AWAY', 'PLUGIN_NOT_FOUND')) throw error;
    const isSaid = hasCode(error, 'PLUGIN_REFUSED', 'PLUGIN_LACKS_METHOD');
    return { scope: 'local', until: isSaid ? Infinity : performance.now() + doubtful };
  }
}
