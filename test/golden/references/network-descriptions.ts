/** The routes below /seaway/networks for docs/api.md. */
import { namespaceConnect, namespaceDisconnect, rateChange } from '../../../src/api/schemas/seaway.ts';
import type { Description } from './description.ts';

export const networkDescriptions: Readonly<Record<string, Description>> = {
  'POST /seaway/networks/:id/connect': {
    what: `Connects a network namespace to a network: an interface is made in it, with addresses and names like a
container's. \`Namespace\` is the absolute path of the namespace's file, \`Name\` the name in the network;
\`EndpointConfig\` is Docker's \`EndpointSettings\`.`,
    body: namespaceConnect,
    example: { Namespace: '/run/netns/vm1', Name: 'vm1', EndpointConfig: { Aliases: ['db'] } },
    errors: ['NETWORK_NOT_FOUND', 'NAMESPACE_INVALID', 'ENDPOINT_EXISTS'],
  },
  'POST /seaway/networks/:id/rate': {
    what: `Limits the rates of a container on a network, at once and at each start, in the units of tc(8) (\`10mbit\`); \`''\` ends a
limit, without a field it stays as it is. Answers with the limits that hold. The options
\`com.seaway.rate.egress\` and \`com.seaway.rate.ingress\` of an endpoint do the same: [Networks](networks.md).`,
    body: rateChange,
    example: { Container: 'web', Egress: '10mbit' },
    errors: ['NETWORK_NOT_FOUND', 'CONTAINER_NOT_FOUND', 'NOT_CONNECTED', 'NETWORK_OPTION_INVALID'],
  },
  'POST /seaway/networks/:id/disconnect': {
    what: 'Disconnects a network namespace. `Namespace` or `Name` is required; either is enough.',
    body: namespaceDisconnect,
    example: { Name: 'vm1' },
    errors: ['BAD_REQUEST', 'NETWORK_NOT_FOUND', 'NAMESPACE_NOT_CONNECTED'],
  },
};
