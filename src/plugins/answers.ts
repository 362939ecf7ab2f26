/** Schemas of the answers of network and IPAM plugins (libnetwork, drivers/remote/api and ipams/remote/api). */
import Type, { type Static, type TSchema } from 'typebox';
import { fail } from '../errors.ts';
import type { PluginClient } from './plugin.ts';

const text = Type.Optional(Type.String());
const flag = Type.Optional(Type.Boolean());
/** A plugin may report an error in a body with status 200. */
const failure = { Err: text, Error: text };

export const networkCapabilities = Type.Object({ ...failure, Scope: text, GwAllocChecker: flag });
export const gatewayCheck = Type.Object({ ...failure, SkipIPv4: flag, SkipIPv6: flag });
export const nothing = Type.Object(failure);
export const endpointCreated = Type.Object({
  ...failure,
  Interface: Type.Optional(Type.Object({ Address: text, AddressIPv6: text, MacAddress: text })),
});
export const operInfo = Type.Object({
  ...failure,
  Value: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
export const joined = Type.Object({
  ...failure,
  InterfaceName: Type.Optional(Type.Object({ SrcName: text, DstPrefix: text, DstName: text })),
  Gateway: text,
  GatewayIPv6: text,
  StaticRoutes: Type.Optional(
    Type.Array(Type.Object({ Destination: text, RouteType: Type.Optional(Type.Integer()), NextHop: text })),
  ),
  DisableGatewayService: flag,
});
export type Joined = Static<typeof joined>;

export const ipamCapabilities = Type.Object({
  ...failure,
  RequiresMACAddress: flag,
  RequiresRequestReplay: flag,
});
export const addressSpaces = Type.Object({
  ...failure,
  LocalDefaultAddressSpace: text,
  GlobalDefaultAddressSpace: text,
});
const data = Type.Optional(Type.Record(Type.String(), Type.String()));
export const poolGiven = Type.Object({ ...failure, PoolID: text, Pool: text, Data: data });
export const addressGiven = Type.Object({ ...failure, Address: text, Data: data });

export interface Request<S extends TSchema> {
  readonly method: string;
  readonly body: object;
  readonly answer: S;
}

/** Throws PLUGIN_REFUSED with the plugin's message, also for an error in a body with status 200. */
export async function request<S extends TSchema>(
  client: PluginClient,
  { method, body, answer }: Request<S>,
): Promise<Static<S>> {
  const given = await client.call(method, body, answer);
  const { Err = '', Error: words = '' } = given as { readonly Err?: string; readonly Error?: string };
  if (Err || words) throw fail('PLUGIN_REFUSED', 'remote', Err || words);
  return given;
}
