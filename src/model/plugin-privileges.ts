/** Privileges that a plugin's configuration requests, and whether the user has granted them. */
import type { PluginConfig } from './plugin.ts';

export interface PluginPrivilege {
  readonly Name: string;
  readonly Description: string;
  readonly Value: readonly string[];
}

const ownNetwork = ['', 'null', 'bridge'];

const one = (
  isAsked: boolean,
  name: string,
  description: string,
  value: readonly string[],
): PluginPrivilege[] => (isAsked ? [{ Name: name, Description: description, Value: value }] : []);

/** In Docker's order and words. */
export function privilegesOf(config: PluginConfig): readonly PluginPrivilege[] {
  const { Network: network, Linux: linux } = config;
  const capabilities = linux.Capabilities ?? [];
  return [
    ...one(!ownNetwork.includes(network.Type), 'network', 'permissions to access a network', [network.Type]),
    ...one(config.IpcHost, 'host ipc namespace', 'allow access to host ipc namespace', ['true']),
    ...one(config.PidHost, 'host pid namespace', 'allow access to host pid namespace', ['true']),
    ...(config.Mounts ?? []).flatMap(({ Source }) =>
      one(Source !== null, 'mount', 'host path to mount', [Source ?? '']),
    ),
    ...(linux.Devices ?? []).flatMap(({ Path }) =>
      one(Path !== null, 'device', 'host device to access', [Path ?? '']),
    ),
    ...one(linux.AllowAllDevices, 'allow-all-devices', "allow 'rwm' access to all devices", ['true']),
    ...one(capabilities.length > 0, 'capabilities', 'list of additional capabilities required', capabilities),
  ];
}

/** Whether exactly the requested privileges are granted, in any order; descriptions do not count. */
export function areGranted(
  asked: readonly PluginPrivilege[],
  granted: readonly Pick<PluginPrivilege, 'Name' | 'Value'>[],
): boolean {
  const keys = (list: readonly Pick<PluginPrivilege, 'Name' | 'Value'>[]): readonly string[] =>
    list.map(({ Name, Value }) => JSON.stringify([Name, Value.toSorted()])).sort();
  return JSON.stringify(keys(asked)) === JSON.stringify(keys(granted));
}
