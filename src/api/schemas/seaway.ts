/** Bodies of the routes of our own, below `/seaway/`. */
import Type from 'typebox';
import { text } from './fields.ts';
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
