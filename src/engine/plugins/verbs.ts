/** `docker plugin`: the verbs, and the events that they make. */
import { randomBytes } from 'node:crypto';
import { fail } from '../../errors.ts';
import type { PluginContent } from '../../images/images.ts';
import { parsePluginConfig } from '../../images/plugin-config.ts';
import { canonical, familiar, parseReference } from '../../images/reference.ts';
import { type ManagedPlugin, settingsOf } from '../../model/plugin.ts';
import { areGranted, privilegesOf } from '../../model/plugin-privileges.ts';
import { upgradedSettings, withPluginSettings } from '../../model/plugin-settings.ts';
import { version } from '../../version.ts';
import type { Core } from '../core.ts';
import type { PluginPull, PluginVerbs } from '../plugin-verbs.ts';
import { nameForCreate, nameForPull, remoteOf } from './lookup.ts';
import { startLimit } from './managed.ts';

type Progress = Parameters<PluginVerbs['pull']>[1];
type Needs = Pick<Core, 'managed' | 'images' | 'generate' | 'events'>;

export function pluginVerbs(core: Needs): PluginVerbs {
  const { managed } = core;
  return {
    list: () => [...managed.records.all()],
    get: (ref) => managed.find(ref),
    create: (name, archive) => create(core, name, archive),
    enable: (ref, options) => enable(core, ref, options),
    disable: (ref, options) => disable(core, ref, options),
    remove: (ref, options) => remove(core, ref, options),
    set: (ref, settings) =>
      inTurn(core, ref, (plugin) => managed.records.put(withPluginSettings(plugin, settings))),
    privileges: async (remote, access) =>
      privilegesOf(await core.images.plugins.look(remoteOf(remote).reference, access)),
    localName: (remote, name) => nameForPull(name, remoteOf(remote)),
    pull: (pull, progress) => install(core, pull, progress),
    upgrade: (pull, progress) => upgrade(core, pull, progress),
    push: async (ref, access, progress) => {
      const plugin = managed.find(ref);
      await core.images.plugins.push(plugin, { ...access, reference: parseReference(plugin.name) }, progress);
    },
  };
}

/** One change of a plugin at a time, on its record as it is then. */
async function inTurn<T>(core: Needs, ref: string, work: (plugin: ManagedPlugin) => Promise<T>): Promise<T> {
  const found = core.managed.find(ref);
  return core.managed.queue.run(found.id, () => work(core.managed.now(found)));
}

const emit = (core: Needs, action: string, id: string, name: string): void =>
  core.events.emit({ type: 'plugin', action, id, attributes: { name } });

function refuseTaken(core: Needs, name: string): void {
  if ([...core.managed.records.all()].some((plugin) => plugin.name === name))
    throw fail('PLUGIN_EXISTS', name);
}

async function create(core: Needs, asked: string, archive: AsyncIterable<Buffer>): Promise<void> {
  const name = nameForCreate(asked);
  refuseTaken(core, name);
  const id = core.generate.id();
  const content = await core.images.plugins.build(archive, { root: id, version });
  await keep(core, { id, name, reference: name, content });
  emit(core, 'create', id, name);
}

interface New {
  readonly id: string;
  readonly name: string;
  readonly reference: string;
  readonly content: PluginContent;
}

/** Two of one name may come at the same time: the first gets it. */
async function keep(core: Needs, { id, name, reference, content }: New): Promise<void> {
  const { config, file, layers } = content;
  const plugin = { id, name, reference, enabled: false, config, file, layers, root: id };
  try {
    await core.managed.queue.run('names', async () => {
      refuseTaken(core, name);
      await core.managed.records.add({ ...plugin, settings: settingsOf(config) });
    });
  } catch (thrown) {
    await dropRoot(core, id);
    throw thrown;
  }
}

async function dropRoot(core: Needs, root: string): Promise<void> {
  await core.images.removeRoot(root);
  await core.images.prune();
}

async function enable(core: Needs, ref: string, { timeout }: { readonly timeout: number }): Promise<void> {
  await inTurn(core, ref, async (plugin) => {
    if (plugin.enabled) throw fail('PLUGIN_ALREADY_ENABLED', plugin.name);
    const limit = timeout > 0 ? Math.min(timeout * 1000, startLimit) : startLimit;
    await core.managed.enable(plugin, { limit });
    emit(core, 'enable', plugin.id, ref);
  });
}

async function disable(core: Needs, ref: string, { force }: { readonly force: boolean }): Promise<void> {
  await inTurn(core, ref, async (plugin) => {
    if (!force && plugin.enabled && core.managed.isUsed(plugin)) throw fail('PLUGIN_IN_USE', plugin.name);
    if (!plugin.enabled) throw fail('PLUGIN_ALREADY_DISABLED', plugin.name);
    await core.managed.disable(plugin);
    emit(core, 'disable', plugin.id, ref);
  });
}

async function remove(core: Needs, ref: string, { force }: { readonly force: boolean }): Promise<void> {
  const { managed } = core;
  await inTurn(core, ref, async (plugin) => {
    if (!force && managed.isUsed(plugin)) throw fail('PLUGIN_IN_USE', plugin.name);
    if (!force && plugin.enabled) throw fail('PLUGIN_ENABLED', plugin.name);
    if (plugin.enabled) await managed.disable(plugin);
    await managed.records.remove(plugin.id);
    await dropRoot(core, plugin.root);
    await managed.processes.forget(plugin.id);
    emit(core, 'remove', plugin.id, ref);
  });
}

const refuseUngranted =
  ({ granted }: PluginPull) =>
  (config: ManagedPlugin['config']): void => {
    if (!areGranted(privilegesOf(config), granted)) throw fail('PLUGIN_PRIVILEGES');
  };

async function install(core: Needs, pull: PluginPull, progress: Progress): Promise<void> {
  const { reference } = remoteOf(pull.remote);
  const name = nameForPull(pull.name, remoteOf(pull.remote));
  // Docker says 400 here, and 409 where a plugin is made
  if ([...core.managed.records.all()].some((plugin) => plugin.name === name))
    throw fail('BAD_REQUEST', `plugin ${name} already exists`);
  const id = core.generate.id();
  const content = await fetch(core, { pull, root: id, name }, progress);
  await keep(core, { id, name, reference: canonical(reference), content });
}

interface Fetch {
  readonly pull: PluginPull;
  readonly root: string;
  readonly name: string;
}

async function fetch(core: Needs, { pull, root, name }: Fetch, progress: Progress): Promise<PluginContent> {
  const { reference } = remoteOf(pull.remote);
  const options = { ...pull, root, accept: refuseUngranted(pull) };
  const content = await core.images.plugins.pull(reference, options, progress);
  emit(core, 'pull', familiar(reference), name);
  return content;
}

/** The new image is there before the record names it, and the old one goes when it does. */
async function upgrade(core: Needs, pull: PluginPull, progress: Progress): Promise<void> {
  const { reference } = remoteOf(pull.remote);
  await inTurn(core, pull.name, async (plugin) => {
    if (plugin.enabled) throw fail('PLUGIN_UPGRADE_ENABLED', plugin.name);
    const root = `${plugin.id}-${randomBytes(4).toString('hex')}`;
    const { config, file, layers } = await fetch(core, { pull, root, name: plugin.name }, progress);
    const before = parsePluginConfig(Buffer.from(plugin.file));
    const settings = upgradedSettings(plugin, { before, after: config });
    try {
      await core.managed.records.put({
        ...plugin,
        ...settings,
        ...{ file, layers, root, reference: canonical(reference) },
      });
    } catch (thrown) {
      await dropRoot(core, root);
      throw thrown;
    }
    await dropRoot(core, plugin.root);
  });
}
