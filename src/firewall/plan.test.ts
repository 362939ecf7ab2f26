import { describe, expect, it } from 'vitest';
import {
  type BridgeFamily,
  type BridgeNetwork,
  defaultSettings,
  type FirewallInput,
  type FirewallSettings,
} from './input.ts';
import { iptablesText } from './iptables/text.ts';
import { planFirewall } from './plan.ts';
import type { TableName } from './rules.ts';

interface Asked {
  readonly network?: Partial<BridgeNetwork>;
  readonly family?: Partial<BridgeFamily>;
  readonly settings?: Partial<FirewallSettings>;
  readonly input?: Partial<FirewallInput>;
}

function ruleset({ network, family, settings, input }: Asked = {}) {
  const app: BridgeNetwork = {
    name: 'app',
    link: 'br-app',
    internal: false,
    icc: true,
    families: { 4: { subnets: ['172.18.0.0/16'], mode: 'nat', masquerade: true, source: '', ...family } },
    trusted: [],
    ...network,
  };
  const all = { bridges: [app], ports: [], open: [], holes: [], segments: [], ...input };
  return planFirewall({ ...all, settings: { ...defaultSettings, ...settings } }, 4);
}

const table = (asked: Asked, name: TableName) => ruleset(asked).tables.find((each) => each.name === name);

const chain = (asked: Asked, name: string): string[] =>
  table(asked, 'filter')
    ?.own.find((each) => each.name === name)
    ?.rules.map((rule) => iptablesText(rule, 4)) ?? [];

describe('an internal network', () => {
  it('is closed by its link, whatever the addresses, and before any connection counts as known', () => {
    const internal = { network: { internal: true } };
    expect(chain(internal, 'DOCKER-INTERNAL')).toEqual([
      '! -i br-app -o br-app -j DROP',
      '-i br-app ! -o br-app -j DROP',
    ]);
    expect(chain(internal, 'DOCKER-FORWARD').slice(0, 2)).toEqual(['-j DOCKER-INTERNAL', '-j DOCKER-CT']);
  });
});

describe('packets of no connection', () => {
  it('do not leave a network whose addresses are hidden', () => {
    expect(chain({}, 'SEAWAY-INVALID')).toEqual(['-s 172.18.0.0/16 ! -o br-app -j DROP']);
    expect(chain({}, 'DOCKER-FORWARD')).toContain('-m conntrack --ctstate INVALID -j SEAWAY-INVALID');
  });

  it.each<[string, Asked]>([
    ['routed', { family: { mode: 'routed' } }],
    ['unprotected', { family: { mode: 'nat-unprotected' } }],
    ['not masqueraded', { family: { masquerade: false } }],
    ['internal', { network: { internal: true } }],
  ])('may leave one that is %s: they may belong to what came another way', (_what, asked) => {
    expect(chain(asked, 'SEAWAY-INVALID')).toEqual([]);
    expect(chain(asked, 'DOCKER-FORWARD').join()).not.toContain('INVALID');
  });
});

describe('a port that is open at its own address', () => {
  it('has a door, and nothing that is rewritten or guarded', () => {
    const open = { link: 'br-app', protocol: 'tcp', address: '172.18.0.2', containerPort: 80 } as const;
    const asked: Asked = { family: { mode: 'routed' }, input: { open: [open] } };
    const door = '-d 172.18.0.2/32 ! -i br-app -o br-app -p tcp -m tcp --dport 80 -j ACCEPT';
    expect(chain(asked, 'DOCKER')).toContain(door);
    expect(JSON.stringify(table(asked, 'nat')) + JSON.stringify(table(asked, 'raw'))).not.toContain(
      '172.18.0.2',
    );
  });
});

describe('without the raw table', () => {
  const asked: Asked = {
    settings: { noRawTable: true },
    input: {
      ports: [
        {
          link: 'br-app',
          protocol: 'tcp',
          hostIP: '127.0.0.1',
          hostPort: 8080,
          address: '172.18.0.2',
          containerPort: 80,
        },
      ],
    },
  };

  it('there is none, and the loopback of the host is guarded in filter', () => {
    expect(table(asked, 'raw')).toBeUndefined();
    expect(table({}, 'raw')?.shared).toHaveLength(1);
    const input = table(asked, 'filter')?.shared.filter(({ chain: name }) => name === 'INPUT') ?? [];
    expect(input.map(({ rule }) => iptablesText(rule, 4))).toEqual(['-d 127.0.0.0/8 -i br-app -j DROP']);
    expect(JSON.stringify(table({}, 'filter')?.shared)).not.toContain('INPUT');
  });
});
