import { describe, expect, it } from 'vitest';
import {
  bridge,
  busybox,
  containerOf,
  detailOf,
  endpointOf,
  hex,
  running,
  sandboxOf,
} from '../../../test/api/records.ts';
import type { ContainerDetail } from '../../engine/container-verbs.ts';
import { blankEndpointSpec } from '../../model/blank.ts';
import type { PortMapping } from '../../model/sandbox.ts';
import { presentPortList, presentPortMap } from './ports.ts';

const port = (containerPort: number, hostPort: number, more: Partial<PortMapping> = {}): PortMapping => ({
  protocol: 'tcp',
  hostIP: '0.0.0.0',
  hostPort,
  containerPort,
  address: '172.17.0.2',
  endpointId: hex('e'),
  asked: { hostIP: '', hostPort: '' },
  ...more,
});

interface Case {
  readonly ports?: readonly PortMapping[];
  readonly exposed?: readonly string[];
  readonly mode?: string;
  readonly stopped?: boolean;
  readonly others?: boolean;
  readonly more?: Partial<ContainerDetail>;
}

function detail({ ports = [], exposed = [], mode = 'bridge', stopped, others, more }: Case): ContainerDetail {
  const ExposedPorts = Object.fromEntries(exposed.map((key) => [key, {}]));
  const request = { Image: 'busybox', ExposedPorts, HostConfig: { NetworkMode: mode } };
  const container = containerOf(hex('1'), request, stopped ? {} : { state: running() });
  const sandbox = sandboxOf(container, { ports, ...(others && { containerId: hex('2') }) });
  return detailOf(container, { sandbox, ...more });
}

describe('the ports of a container', () => {
  it('are those that are published, with every address, and null for what is exposed alone', () => {
    const ports = [port(80, 8080), port(80, 8080, { hostIP: '::' }), port(53, 53, { protocol: 'udp' })];
    expect(presentPortMap(detail({ ports, exposed: ['80/tcp', '443/tcp'] }))).toEqual({
      '443/tcp': null,
      '53/udp': [{ HostIp: '0.0.0.0', HostPort: '53' }],
      '80/tcp': [
        { HostIp: '0.0.0.0', HostPort: '8080' },
        { HostIp: '::', HostPort: '8080' },
      ],
    });
    expect(presentPortList(detail({ ports, exposed: ['80/tcp', '443/tcp'] }))).toEqual([
      { PrivatePort: 443, Type: 'tcp' },
      { IP: '0.0.0.0', PrivatePort: 53, PublicPort: 53, Type: 'udp' },
      { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
      { IP: '::', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
    ]);
  });

  it('are exposed by the image too, tcp where nothing is said, each once', () => {
    const image = { ...busybox, config: { ExposedPorts: { '80': {}, '53/udp': {} } } };
    const keys = Object.keys(presentPortMap(detail({ exposed: ['80/tcp'], more: { image } })));
    expect(keys).toEqual(['53/udp', '80/tcp']);
    expect(presentPortMap(detail({ more: { image: undefined } }))).toEqual({});
  });

  it('are exposed to nobody by one that does not run', () => {
    expect(presentPortMap(detail({ exposed: ['80/tcp'], stopped: true }))).toEqual({});
    expect(presentPortList(detail({ exposed: ['80/tcp'], stopped: true }))).toEqual([]);
  });

  it.each(['host', 'none', 'container:abc'])('are exposed to nobody on the network "%s"', (mode) => {
    const image = { ...busybox, config: { ExposedPorts: { '80/tcp': {} } } };
    expect(presentPortMap(detail({ mode, more: { image } }))).toEqual({});
    expect(presentPortMap(detail({ more: { image } }))).toEqual({ '80/tcp': null });
  });

  it('are exposed to nobody where all networks are internal', () => {
    const on = (internal: boolean) => {
      const network = { ...bridge, internal };
      return {
        network,
        spec: blankEndpointSpec('bridge'),
        endpoint: endpointOf(containerOf(hex('1'), { Image: 'busybox' }), network),
      };
    };
    const exposed = (...attachments: ReturnType<typeof on>[]) =>
      Object.keys(presentPortMap(detail({ exposed: ['80/tcp'], more: { attachments } })));
    expect(exposed(on(true))).toEqual([]);
    expect(exposed(on(true), on(false))).toEqual(['80/tcp']);
  });

  it('are not those of the container whose network it has joined', () => {
    expect(presentPortMap(detail({ ports: [port(80, 8080)], others: true }))).toEqual({});
    expect(presentPortMap(detail({ more: { sandbox: undefined } }))).toEqual({});
  });
});
