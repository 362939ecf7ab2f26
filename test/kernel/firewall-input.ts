/** What the firewall is told, for tests: three bridges, no ports. */
import {
  type BridgeFamily,
  type BridgeNetwork,
  defaultSettings,
  type FirewallInput,
  type PublishedPort,
} from '../../src/firewall/input.ts';

export const nat = (subnet: string, more: Partial<BridgeFamily> = {}): BridgeFamily => ({
  subnets: [subnet],
  mode: 'nat',
  masquerade: true,
  source: '',
  ...more,
});

export const network = (link: string, n: number, more: Partial<BridgeNetwork> = {}): BridgeNetwork => ({
  name: link,
  link,
  internal: false,
  icc: true,
  families: { 4: nat(`172.${n}.0.0/16`), 6: nat(`fd00:${n}::/64`) },
  trusted: [],
  ...more,
});

export const port = (more: Partial<PublishedPort> = {}): PublishedPort => ({
  link: 'docker0',
  protocol: 'tcp',
  hostIP: '0.0.0.0',
  hostPort: 8080,
  address: '172.17.0.2',
  containerPort: 80,
  ...more,
});

export const input = (more: Partial<FirewallInput> = {}): FirewallInput => ({
  bridges: [network('docker0', 17), network('br-app', 18), network('br-in', 19, { internal: true })],
  ports: [],
  open: [],
  holes: [],
  segments: [],
  settings: defaultSettings,
  ...more,
});
