/**
 * A managed plugin (`docker plugin`): what its image asks for, what the user has set, and where its root is. Fields
 * are the API's own (Docker Engine API 1.50: Plugin; docs.docker.com/engine/extend/config).
 */

export interface PluginEnv {
  readonly Description: string;
  readonly Name: string;
  readonly Settable: readonly string[] | null;
  readonly Value: string | null;
}

export interface PluginMount {
  readonly Description: string;
  readonly Destination: string;
  readonly Name: string;
  readonly Options: readonly string[] | null;
  readonly Settable: readonly string[] | null;
  readonly Source: string | null;
  readonly Type: string;
}

export interface PluginDevice {
  readonly Description: string;
  readonly Name: string;
  readonly Path: string | null;
  readonly Settable: readonly string[] | null;
}

export interface PluginConfig {
  readonly Args: {
    readonly Description: string;
    readonly Name: string;
    readonly Settable: readonly string[] | null;
    readonly Value: readonly string[] | null;
  };
  readonly Description: string;
  readonly DockerVersion?: string;
  readonly Documentation: string;
  readonly Entrypoint: readonly string[] | null;
  readonly Env: readonly PluginEnv[] | null;
  readonly Interface: {
    readonly ProtocolScheme?: string;
    /** Name of the socket below `/run/docker/plugins` in the plugin. */
    readonly Socket: string;
    /** `docker.volumedriver/1.0` */
    readonly Types: readonly string[] | null;
  };
  readonly IpcHost: boolean;
  readonly Linux: {
    readonly AllowAllDevices: boolean;
    readonly Capabilities: readonly string[] | null;
    readonly Devices: readonly PluginDevice[] | null;
  };
  readonly Mounts: readonly PluginMount[] | null;
  /** `host`, `none`, `bridge`, or ''. */
  readonly Network: { readonly Type: string };
  readonly PidHost: boolean;
  /** Folder in the plugin; mounts below it are visible to the host. */
  readonly PropagatedMount: string;
  readonly User: { readonly UID?: number; readonly GID?: number };
  readonly WorkDir: string;
  readonly rootfs?: { readonly diff_ids: readonly string[] | null; readonly type: string };
}

/** Settings of `docker plugin set`. */
export interface PluginSettings {
  readonly Args: readonly string[];
  readonly Devices: readonly PluginDevice[];
  readonly Env: readonly string[];
  readonly Mounts: readonly PluginMount[];
}

export interface ManagedPlugin {
  readonly id: string;
  /** With a tag, as Docker shows it: `me/vol:latest`. Volumes and networks name it as their driver. */
  readonly name: string;
  /** Where it is from: in full after an installation, as `name` for one that was made here. */
  readonly reference: string;
  readonly enabled: boolean;
  readonly config: PluginConfig;
  /** The configuration in the image, byte for byte. */
  readonly file: string;
  readonly settings: PluginSettings;
  /** Chain ids of its layers, lowest first. */
  readonly layers: readonly string[];
  /** Name of its root among the roots of containers; another one after an upgrade. */
  readonly root: string;
}

/** As the image has them. */
export function settingsOf(config: PluginConfig): PluginSettings {
  const env = config.Env ?? [];
  return {
    Args: config.Args.Value ?? [],
    Devices: config.Linux.Devices ?? [],
    Env: env.flatMap(({ Name, Value }) => (Value === null ? [] : [`${Name}=${Value}`])),
    Mounts: config.Mounts ?? [],
  };
}

/** `volumedriver` of `docker.volumedriver/1.0`. */
export const capabilityOf = (type: string): string => /^docker\.([^/]+)\//.exec(type)?.[1] ?? '';

export const capabilitiesOf = ({ config }: Pick<ManagedPlugin, 'config'>): readonly string[] =>
  (config.Interface.Types ?? []).map(capabilityOf);

/** The plugin protocol's names of capabilities that the engine uses. */
const implementations = {
  volumedriver: 'VolumeDriver',
  networkdriver: 'NetworkDriver',
  ipamdriver: 'IpamDriver',
} as const;

type Known = keyof typeof implementations;
const isKnown = (capability: string): capability is Known => Object.hasOwn(implementations, capability);

/** Interfaces of a plugin that the engine uses. */
export const implementsOf = (
  plugin: Pick<ManagedPlugin, 'config'>,
): readonly (typeof implementations)[Known][] =>
  capabilitiesOf(plugin)
    .filter(isKnown)
    .map((capability) => implementations[capability]);
