/** `--mount`, `--volume` and `--tmpfs` to the API's mounts and binds. */
import { resolve } from 'node:path';
import { parseSize } from '../../go/size.ts';
import { parseBool } from '../../go/strconv.ts';
import { csvPairs } from './csv.ts';

export interface Mount {
  Type: string;
  Source?: string;
  Target?: string;
  ReadOnly?: boolean;
  Consistency?: string;
  BindOptions?: {
    Propagation?: string;
    NonRecursive?: boolean;
    CreateMountpoint?: boolean;
    ReadOnlyNonRecursive?: boolean;
    ReadOnlyForceRecursive?: boolean;
  };
  VolumeOptions?: {
    NoCopy?: boolean;
    Labels?: Record<string, string>;
    Subpath?: string;
    DriverConfig?: { Name?: string; Options?: Record<string, string> };
  };
  TmpfsOptions?: { SizeBytes?: number; Mode?: number };
  ImageOptions?: { Subpath?: string };
}

type Setter = (mount: Mount, value: string, key: string) => void;

function truth(value: string, key: string): boolean {
  try {
    return parseBool(value);
  } catch {
    throw new Error(`invalid value for ${key}: ${value}`);
  }
}

const withOption = (options: Record<string, string> | undefined, text: string): Record<string, string> => {
  const at = text.indexOf('=');
  return { ...options, [at < 0 ? text : text.slice(0, at)]: at < 0 ? '' : text.slice(at + 1) };
};

const setReadOnly: Setter = (mount, value, key) => {
  mount.ReadOnly = truth(value, key);
};
const setSource: Setter = (mount, value) => {
  // A relative path of a bind is the client's; the engine has another working directory.
  mount.Source = /^\.{1,2}(\/|$)/.test(value) ? resolve(value) : value;
};
const setTarget: Setter = (mount, value) => {
  mount.Target = value;
};
const recursion: Readonly<Record<string, Mount['BindOptions']>> = {
  enabled: {},
  disabled: { NonRecursive: true },
  writable: { ReadOnlyNonRecursive: true },
  readonly: { ReadOnlyForceRecursive: true },
};

const setters: Readonly<Record<string, Setter>> = {
  type: (mount, value) => {
    mount.Type = value.toLowerCase();
  },
  source: setSource,
  src: setSource,
  target: setTarget,
  dst: setTarget,
  destination: setTarget,
  readonly: setReadOnly,
  ro: setReadOnly,
  consistency: (mount, value) => {
    mount.Consistency = value.toLowerCase();
  },
  'bind-propagation': (mount, value) => {
    mount.BindOptions = { ...mount.BindOptions, Propagation: value.toLowerCase() };
  },
  'bind-nonrecursive': (mount, value, key) => {
    mount.BindOptions = { ...mount.BindOptions, NonRecursive: truth(value, key) };
  },
  'bind-recursive': (mount, value, key) => {
    const options = recursion[value];
    if (options === undefined)
      throw new Error(
        `invalid value for ${key}: ${value} (must be "enabled", "disabled", "writable", or "readonly")`,
      );
    mount.BindOptions = { ...mount.BindOptions, ...options };
  },
  'bind-create-src': (mount, value, key) => {
    mount.BindOptions = { ...mount.BindOptions, CreateMountpoint: truth(value, key) };
  },
  'volume-nocopy': (mount, value) => {
    if (!['true', 'false', '1', '0'].includes(value))
      throw new Error(`invalid value for volume-nocopy: ${value}`);
    mount.VolumeOptions = { ...mount.VolumeOptions, NoCopy: truth(value, 'volume-nocopy') };
  },
  'volume-label': (mount, value) => {
    mount.VolumeOptions = { ...mount.VolumeOptions, Labels: withOption(mount.VolumeOptions?.Labels, value) };
  },
  'volume-subpath': (mount, value) => {
    mount.VolumeOptions = { ...mount.VolumeOptions, Subpath: value };
  },
  'volume-driver': (mount, value) => {
    mount.VolumeOptions = {
      ...mount.VolumeOptions,
      DriverConfig: { ...mount.VolumeOptions?.DriverConfig, Name: value },
    };
  },
  'volume-opt': (mount, value) => {
    const config = mount.VolumeOptions?.DriverConfig;
    mount.VolumeOptions = {
      ...mount.VolumeOptions,
      DriverConfig: { ...config, Options: withOption(config?.Options, value) },
    };
  },
  'image-subpath': (mount, value) => {
    mount.ImageOptions = { Subpath: value };
  },
  'tmpfs-size': (mount, value, key) => {
    try {
      mount.TmpfsOptions = { ...mount.TmpfsOptions, SizeBytes: parseSize(value) };
    } catch {
      throw new Error(`invalid value for ${key}: ${value}`);
    }
  },
  'tmpfs-mode': (mount, value, key) => {
    if (!/^[0-7]+$/.test(value)) throw new Error(`invalid value for ${key}: ${value}`);
    mount.TmpfsOptions = { ...mount.TmpfsOptions, Mode: Number.parseInt(value, 8) };
  },
};

// These mean true when they stand alone.
const standingAlone = new Set(['readonly', 'ro', 'volume-nocopy', 'bind-nonrecursive', 'bind-create-src']);

const ownOptions: Readonly<Record<string, keyof Mount>> = {
  bind: 'BindOptions',
  volume: 'VolumeOptions',
  tmpfs: 'TmpfsOptions',
  image: 'ImageOptions',
};

/** One `--mount`. Throws an `Error` in docker's words. */
export function parseMount(text: string): Mount {
  const mount: Mount = { Type: 'volume' };
  for (const [key, given, field] of csvPairs(text)) {
    const value = given ?? (standingAlone.has(key) ? 'true' : undefined);
    if (value === undefined) throw new Error(`invalid field '${field}' must be a key=value pair`);
    const set = Object.hasOwn(setters, key) ? setters[key] : undefined;
    if (set === undefined) throw new Error(`unexpected key '${key}' in '${field}'`);
    set(mount, value, key);
  }
  if (mount.Type === '') throw new Error('type is required');
  if (!mount.Target) throw new Error('target is required');
  for (const [type, options] of Object.entries(ownOptions)) {
    if (type !== mount.Type && mount[options] !== undefined) {
      throw new Error(`cannot mix '${type}-*' options with mount type '${mount.Type}'`);
    }
  }
  return mount;
}

export interface Volumes {
  /** `source:target[:options]` */
  readonly binds: readonly string[];
  /** Targets of anonymous volumes. */
  readonly anonymous: readonly string[];
}

/** All `--volume`s. */
export function parseVolumes(texts: readonly string[]): Volumes {
  const binds: string[] = [];
  const anonymous: string[] = [];
  for (const text of texts) {
    const [source = '', ...rest] = text.split(':');
    if (text === '') throw new Error('invalid empty volume spec');
    if (rest.length === 0) anonymous.push(source);
    else binds.push([source.startsWith('.') ? resolve(source) : source, ...rest].join(':'));
  }
  return { binds, anonymous };
}

/** All `--tmpfs`: options by target. */
export function parseTmpfs(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf(':');
      return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}
