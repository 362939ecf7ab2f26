/** Routes of published ports in docs/api.md. */
import { portsAdd, portsRemove } from '../../../src/api/schemas/seaway.ts';
import type { PortsDetail } from '../../../src/engine/port-verbs.ts';
import type { Container } from '../../../src/model/container.ts';
import type { Description } from './description.ts';

export const portDescriptions: Readonly<Record<string, Description>> = {
  'GET /seaway/ports': {
    what: `Lists the ports of all containers that publish some, or ask for it. Neighbouring ports are one entry. \`State\`:
\`published\`; \`published, obeys the host's firewall\`, or \`published, refused by the host's firewall\`, which a packet of a
stranger tells; \`open at the container's address\` on a routed network; \`published at the start\` while the container does
not run; \`waits for an address of eth0\` on an interface; \`not published\` where no network of it carries the port.`,
    errors: [],
  },
  'GET /seaway/containers/:id/ports': {
    what: 'The same of one container.',
    errors: ['CONTAINER_NOT_FOUND'],
  },
  'POST /seaway/containers/:id/ports/add': {
    what: `Publishes more ports, at once if the container runs, and at each start from then on. \`PortBindings\` is that of
Docker's \`HostConfig\`, \`Policy\` \`open\` or \`host\` ([networks](networks.md)). Resolves once the ports are reached; all of them are published, or none.`,
    body: portsAdd,
    example: { PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '8080' }] } },
    errors: [
      ...[
        'BAD_REQUEST',
        'CONTAINER_NOT_FOUND',
        'PORTS_NOT_LIVE',
        'PORT_ALLOCATED',
        'PORT_IN_USE',
        'PORT_POLICY',
      ],
      ...['PORT_NEEDS_IPV6', 'PORT_ON_LOOPBACK6', 'PORTS_EXHAUSTED'],
    ],
  },
  'POST /seaway/containers/:id/ports/remove': {
    what: `Takes ports of the host back, all of them or none: \`8080\`, \`8080/udp\`, \`127.0.0.1:8000-8009\`. Flows through
them end, those through other ports do not.`,
    body: portsRemove,
    example: { Ports: ['8080/tcp'] },
    errors: [
      'BAD_REQUEST',
      'CONTAINER_CONFIG_INVALID',
      'CONTAINER_NOT_FOUND',
      'PORTS_NOT_LIVE',
      'PORT_NOT_PUBLISHED',
    ],
  },
};

export const published: PortsDetail = {
  container: { id: 'c0ff'.repeat(16), name: 'web', sandboxId: '5d0c'.repeat(16) } as Container,
  specs: [],
  ports: ['0.0.0.0', '::'].map((hostIP) => ({
    ...{ protocol: 'tcp', hostIP, hostPort: 8080, containerPort: 80, endpointId: 'e7a1'.repeat(16) },
    address: hostIP === '::' ? 'fd00:18::2' : '172.18.0.2',
    asked: { hostIP: '', hostPort: '8080' },
  })),
  refused: new Set(),
};
