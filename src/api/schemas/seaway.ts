/** Bodies of the routes of our own, below `/seaway/`. */
import Type from 'typebox';
import { flag, integer, text, texts } from './fields.ts';
import { portBinding } from './host-config.ts';
import { endpointSettings } from './networks.ts';

/** `Namespace` is the absolute path of the namespace's file, `Name` its name in the network. */
export const namespaceConnect = Type.Object(
  { Namespace: text, Name: text, EndpointConfig: Type.Optional(endpointSettings) },
  { title: 'NamespaceConnect' },
);

/** Either of them is enough. */
export const namespaceDisconnect = Type.Object(
  { Namespace: text, Name: text },
  { title: 'NamespaceDisconnect' },
);

/** In the form of `HostConfig.PortBindings`; `Policy` of all of them: `open`, `host`, '' for that of the container. */
export const portsAdd = Type.Object(
  { PortBindings: Type.Optional(Type.Record(Type.String(), Type.Array(portBinding))), Policy: text },
  { title: 'PortsAdd' },
);

/** `8080`, `8080/udp`, `127.0.0.1:8000-8009/tcp`. */
export const portsRemove = Type.Object({ Ports: texts }, { title: 'PortsRemove' });

/** Rates in tc's units, '' for no limit; without a field it stays as it is. */
export const rateChange = Type.Object(
  { Container: text, Egress: text, Ingress: text },
  { title: 'RateChange' },
);

/** `Port` of 127.0.0.1, 0 for any; `Write`: the page may change things. */
export const pageOpen = Type.Object({ Port: integer, Write: flag }, { title: 'PageOpen' });
