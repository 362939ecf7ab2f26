/** Bodies of the network routes (Docker Engine API 1.50: NetworkCreateRequest, NetworkConnectRequest). */
import Type, { type Static } from 'typebox';
import { flag, integer, text, textMap, texts } from './fields.ts';

const ipamConfig = Type.Object({
  Subnet: text,
  IPRange: text,
  Gateway: text,
  AuxiliaryAddresses: textMap,
});

export const networkCreate = Type.Object(
  {
    Name: text,
    CheckDuplicate: flag,
    Driver: text,
    Scope: text,
    EnableIPv4: flag,
    EnableIPv6: flag,
    IPAM: Type.Optional(
      Type.Object({ Driver: text, Options: textMap, Config: Type.Optional(Type.Array(ipamConfig)) }),
    ),
    Internal: flag,
    Attachable: flag,
    Ingress: flag,
    ConfigOnly: flag,
    ConfigFrom: Type.Optional(Type.Object({ Network: text })),
    Options: textMap,
    Labels: textMap,
  },
  { title: 'NetworkCreateRequest' },
);

/** EndpointSettings: the fields of requests; the rest of Docker's struct is output. */
export const endpointSettings = Type.Object({
  IPAMConfig: Type.Optional(Type.Object({ IPv4Address: text, IPv6Address: text, LinkLocalIPs: texts })),
  Links: texts,
  Aliases: texts,
  MacAddress: text,
  DriverOpts: textMap,
  GwPriority: integer,
});

export const networkConnect = Type.Object(
  { Container: text, EndpointConfig: Type.Optional(endpointSettings) },
  { title: 'NetworkConnect' },
);

export const networkDisconnect = Type.Object(
  { Container: text, Force: flag },
  { title: 'NetworkDisconnect' },
);

export type EndpointSettings = Static<typeof endpointSettings>;
export type NetworkCreate = Static<typeof networkCreate>;
