/** `config.json` of a plugin's image, decoded as by Go (docs.docker.com/engine/extend/config). Pure. */
import Type, { type Static, type TSchema } from 'typebox';
import { Check, Errors } from 'typebox/value';
import { fail } from '../errors.ts';
import { decodeLikeGo } from '../go/decode.ts';
import { explainMismatch } from '../go/mismatch.ts';
import type { PluginConfig } from '../model/plugin.ts';

/** Media type of the configuration in a plugin's manifest. */
export const pluginConfigType = 'application/vnd.docker.plugin.v1+json';

const text = Type.Optional(Type.String());
const texts = Type.Optional(Type.Array(Type.String()));
const flag = Type.Optional(Type.Boolean());
const number = Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 }));
const listOf = <S extends TSchema>(item: S) => Type.Optional(Type.Array(item));

const described = { Name: text, Description: text, Settable: texts };

const schema = Type.Object(
  {
    Args: Type.Optional(Type.Object({ ...described, Value: texts })),
    Description: text,
    DockerVersion: text,
    Documentation: text,
    Entrypoint: texts,
    Env: listOf(Type.Object({ ...described, Value: text })),
    Interface: Type.Optional(Type.Object({ Socket: text, Types: texts, ProtocolScheme: text })),
    IpcHost: flag,
    Linux: Type.Optional(
      Type.Object({
        AllowAllDevices: flag,
        Capabilities: texts,
        Devices: listOf(Type.Object({ ...described, Path: text })),
      }),
    ),
    Mounts: listOf(
      Type.Object({ ...described, Source: text, Destination: text, Type: text, Options: texts }),
    ),
    Network: Type.Optional(Type.Object({ Type: text })),
    PidHost: flag,
    PropagatedMount: text,
    User: Type.Optional(Type.Object({ UID: number, GID: number })),
    WorkDir: text,
    rootfs: Type.Optional(Type.Object({ type: text, diff_ids: texts })),
  },
  { title: 'PluginConfig' },
);

type Asked = Static<typeof schema>;

/** Throws PLUGIN_INVALID in Docker's words. */
export function parsePluginConfig(file: Buffer): PluginConfig {
  let parsed: unknown;
  try {
    parsed = JSON.parse(file.toString('utf8'));
  } catch (thrown) {
    throw fail('PLUGIN_INVALID', `failed to parse config: ${thrown instanceof Error ? thrown.message : ''}`);
  }
  const value = decodeLikeGo(schema, parsed);
  if (Check(schema, value)) return completed(value);
  const [problem] = Errors(schema, value);
  const why = problem ? explainMismatch(schema, value, problem) : 'json: wrong types';
  throw fail('PLUGIN_INVALID', `failed to parse config: ${why}`);
}

/** Fills in Go's zero values, with the fields in Docker's order. */
function completed(asked: Asked): PluginConfig {
  const { Args: args = {}, Interface: socket = {}, Linux: linux = {}, rootfs } = asked;
  return {
    Args: { ...descriptionOf(args), Value: args.Value ?? null },
    Description: asked.Description ?? '',
    ...(asked.DockerVersion !== undefined && { DockerVersion: asked.DockerVersion }),
    Documentation: asked.Documentation ?? '',
    Entrypoint: asked.Entrypoint ?? null,
    Env: asked.Env?.map((env) => ({ ...descriptionOf(env), Value: env.Value ?? null })) ?? null,
    Interface: {
      ...(socket.ProtocolScheme && { ProtocolScheme: socket.ProtocolScheme }),
      Socket: socket.Socket ?? '',
      Types: socket.Types ?? null,
    },
    IpcHost: asked.IpcHost ?? false,
    Linux: {
      AllowAllDevices: linux.AllowAllDevices ?? false,
      Capabilities: linux.Capabilities ?? null,
      Devices: linux.Devices?.map(deviceOf) ?? null,
    },
    Mounts: asked.Mounts?.map(mountOf) ?? null,
    Network: { Type: asked.Network?.Type ?? '' },
    PidHost: asked.PidHost ?? false,
    PropagatedMount: asked.PropagatedMount ?? '',
    User: {
      ...(asked.User?.UID && { UID: asked.User.UID }),
      ...(asked.User?.GID && { GID: asked.User.GID }),
    },
    WorkDir: asked.WorkDir ?? '',
    ...(rootfs && { rootfs: { diff_ids: rootfs.diff_ids ?? null, type: rootfs.type ?? '' } }),
  };
}

interface Described {
  readonly Name?: string;
  readonly Description?: string;
  readonly Settable?: readonly string[];
}

const descriptionOf = ({ Description = '', Name = '', Settable }: Described) => ({
  Description,
  Name,
  Settable: Settable ?? null,
});

type AskedDevice = Described & { readonly Path?: string };
type AskedMount = Described & {
  readonly Source?: string;
  readonly Destination?: string;
  readonly Type?: string;
  readonly Options?: readonly string[];
};

function deviceOf({ Path, ...asked }: AskedDevice) {
  const { Description, Name, Settable } = descriptionOf(asked);
  return { Description, Name, Path: Path ?? null, Settable };
}

function mountOf({ Source, Destination, Type: type, Options, ...asked }: AskedMount) {
  const { Description, Name, Settable } = descriptionOf(asked);
  return {
    ...{ Description, Destination: Destination ?? '', Name, Options: Options ?? null, Settable },
    ...{ Source: Source ?? null, Type: type ?? '' },
  };
}

/** The file that goes into a plugin's image. */
export const encodePluginConfig = (config: PluginConfig): string => `${JSON.stringify(config)}\n`;
