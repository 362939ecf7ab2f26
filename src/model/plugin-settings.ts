/** `docker plugin set`: `NAME[.FIELD][=VALUE]` on a plugin's settings, in Docker's words. */
import { fail } from '../errors.ts';
import {
  type ManagedPlugin,
  type PluginConfig,
  type PluginDevice,
  type PluginMount,
  settingsOf,
} from './plugin.ts';

interface Setting {
  readonly name: string;
  readonly field: string;
  readonly value: string;
}

function parseSetting(text: string): Setting {
  const at = text.indexOf('=');
  if (at === 0) throw fail('PLUGIN_SETTING_INVALID', 'invalid format, must be <name>[.<field>][=<value>]');
  const left = at < 0 ? text : text.slice(0, at);
  const value = at < 0 ? '' : text.slice(at + 1);
  const dot = left.lastIndexOf('.');
  return dot > 0
    ? { name: left.slice(0, dot), field: left.slice(dot + 1), value }
    : { name: left, field: '', value };
}

/** Throws where the field (or, where none is named, the only one that can be set) may not be set. */
function checkSettable({ name, field }: Setting, known: string, settable: readonly string[] | null): void {
  const allowed = settable ?? [];
  if (field === '' && allowed.length > 1)
    throw fail('PLUGIN_SETTING_INVALID', 'multiple fields are settable, one must be specified');
  const asked = field === '' ? (allowed[0] ?? '') : field;
  if (asked === known && allowed.includes(asked)) return;
  // Docker names the field that it has chosen, too
  throw fail('PLUGIN_SETTING_INVALID', `"${asked === '' ? name : `${name}.${asked}`}" is not settable`);
}

function withEnv(env: readonly string[], { name, value }: Setting): readonly string[] {
  const entry = `${name}=${value}`;
  const isOld = (one: string): boolean => one.split('=')[0] === name;
  return env.some(isOld) ? env.map((one) => (isOld(one) ? entry : one)) : [...env, entry];
}

const named = <T extends { readonly Name: string }>(
  list: readonly T[] | null,
  { name }: Setting,
): T | undefined => (list ?? []).find((one) => one.Name === name);

const withSource = (mounts: readonly PluginMount[], { name, value }: Setting): readonly PluginMount[] =>
  mounts.map((mount) => (mount.Name === name ? { ...mount, Source: value } : mount));

const withPath = (devices: readonly PluginDevice[], { name, value }: Setting): readonly PluginDevice[] =>
  devices.map((device) => (device.Name === name ? { ...device, Path: value } : device));

type Set = Pick<ManagedPlugin, 'config' | 'settings'>;

/** Docker also shows a mount's source and a device's path at the place of the request. */
function withMount({ config, settings }: Set, setting: Setting): Set {
  return {
    config: { ...config, Mounts: withSource(config.Mounts ?? [], setting) },
    settings: { ...settings, Mounts: withSource(settings.Mounts, setting) },
  };
}

function withDevice({ config, settings }: Set, setting: Setting): Set {
  const { Linux } = config;
  return {
    config: { ...config, Linux: { ...Linux, Devices: withPath(Linux.Devices ?? [], setting) } },
    settings: { ...settings, Devices: withPath(settings.Devices, setting) },
  };
}

function applySetting(now: Set, setting: Setting): Set {
  const { config, settings }: { config: PluginConfig; settings: Set['settings'] } = now;
  const env = named(config.Env, setting);
  if (env) {
    checkSettable(setting, 'value', env.Settable);
    return { config, settings: { ...settings, Env: withEnv(settings.Env, setting) } };
  }
  const mount = named(config.Mounts, setting);
  if (mount) {
    checkSettable(setting, 'source', mount.Settable);
    return withMount(now, setting);
  }
  const device = named(config.Linux.Devices, setting);
  if (device) {
    checkSettable(setting, 'path', device.Settable);
    return withDevice(now, setting);
  }
  if (config.Args.Name === setting.name) {
    checkSettable(setting, 'value', config.Args.Settable);
    return { config, settings: { ...settings, Args: setting.value.split(' ') } };
  }
  throw fail('PLUGIN_SETTING_INVALID', `setting "${setting.name}" not found in the plugin configuration`);
}

/** All of them or, where one is refused, none. Throws PLUGIN_SETTING_INVALID, PLUGIN_ACTIVE. */
export function withPluginSettings(plugin: ManagedPlugin, asked: readonly string[]): ManagedPlugin {
  if (plugin.enabled) throw fail('PLUGIN_ACTIVE');
  const { config, settings } = asked.map(parseSetting).reduce<Set>(applySetting, plugin);
  return { ...plugin, config, settings };
}

/** Keeps the user's settings as far as the new image allows them. `before` is the old image's configuration. */
export function upgradedSettings(
  plugin: ManagedPlugin,
  { before, after }: { readonly before: PluginConfig; readonly after: PluginConfig },
): Set {
  return changesOf(plugin, before).reduce<Set>(
    (now, setting) => {
      try {
        return applySetting(now, setting);
      } catch {
        return now;
      }
    },
    { config: after, settings: settingsOf(after) },
  );
}

function changesOf({ config, settings }: ManagedPlugin, before: PluginConfig): readonly Setting[] {
  const old = settingsOf(before);
  const env = settings.Env.filter((entry) => !old.Env.includes(entry)).map(parseSetting);
  const mounts = settings.Mounts.filter((mount, at) => mount.Source !== old.Mounts[at]?.Source);
  const devices = settings.Devices.filter((device, at) => device.Path !== old.Devices[at]?.Path);
  const args = settings.Args.join(' ');
  return [
    ...env.map((setting) => ({ ...setting, field: 'value' })),
    ...mounts.map(({ Name, Source }) => ({ name: Name, field: 'source', value: Source ?? '' })),
    ...devices.map(({ Name, Path }) => ({ name: Name, field: 'path', value: Path ?? '' })),
    ...(args === old.Args.join(' ') ? [] : [{ name: config.Args.Name, field: 'value', value: args }]),
  ];
}
