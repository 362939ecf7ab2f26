import { describe, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { mappings } from '../../test/model/ports.ts';
import type { PortBinding } from './container.ts';
import { policyOf } from './port-policy.ts';
import { checkPolicyLabels, type PublishPolicy } from './publish-policy.ts';

interface Case {
  readonly binding?: PortBinding;
  readonly labels?: Readonly<Record<string, string>>;
  readonly network?: PublishPolicy;
  readonly engine?: PublishPolicy;
  readonly isRouted?: boolean;
  readonly whyNotObeyed?: string;
}

const label = 'com.seaway.publish_policy';

function policy({ binding = {}, labels = {}, network, engine = 'open', isRouted = false, ...more }: Case) {
  const container = { config: { Labels: labels } } as unknown as Parameters<typeof policyOf>[0];
  const carrier = { endpointId: 'e', address: '172.17.0.2', bindTo: '0.0.0.0', isRouted };
  const context = { publishPolicy: engine, whyNotObeyed: more.whyNotObeyed ?? '' };
  const spec = { protocol: 'tcp', containerPort: 80, binding } as const;
  return policyOf(container, spec, { carrier: { ...carrier, ...(network && { policy: network }) }, context });
}

describe('the policy of a port', () => {
  it.each<[Case, PublishPolicy]>([
    [{}, 'open'],
    [{ engine: 'host' }, 'host'],
    [{ engine: 'host', network: 'open' }, 'open'],
    [{ network: 'host' }, 'host'],
    [{ network: 'host', labels: { [label]: 'open' } }, 'open'],
    [{ labels: { [label]: 'open', [`${label}.80/tcp`]: 'host' } }, 'host'],
    [{ labels: { [`${label}.80/udp`]: 'host' } }, 'open'],
    [{ labels: { [`${label}.80/tcp`]: 'host' }, binding: { Policy: 'open' } }, 'open'],
    [{ engine: 'host', isRouted: true }, 'open'],
  ])('of %j is %s', (given, expected) => {
    expect(policy(given)).toBe(expected);
  });

  it('is refused where it cannot be kept', () => {
    expect(() => policy({ network: 'host', isRouted: true })).toThrow('its network is routed');
    const whyNotObeyed = 'the kernel lacks nf_tables';
    expect(() => policy({ engine: 'host', whyNotObeyed })).toThrow(
      "port 80/tcp cannot obey the host's firewall: the kernel lacks nf_tables",
    );
    expect(policy({ whyNotObeyed })).toBe('open');
  });

  it('is no other word', () => {
    expect(() => checkPolicyLabels({ [label]: 'Host' })).toThrow('neither "open" nor "host"');
    expect(() => checkPolicyLabels({ [`${label}.80/tcp`]: '' })).toThrow('neither "open" nor "host"');
    checkPolicyLabels({ [label]: 'host', other: 'x' });
  });
});

it('the ports of a container have it, and lose it with what asked for it', () => {
  const asked = { '80/tcp': [{ HostPort: '80' }], '81/tcp': [{ HostPort: '81', Policy: 'host' as const }] };
  const here = world();
  const before = mappings(asked, {}, here);
  expect(before.map(({ policy: own }) => own)).toEqual([undefined, undefined, 'host', 'host']);
  const after = mappings({ ...asked, '81/tcp': [{ HostPort: '81' }] }, { before }, here);
  expect(after.some((port) => port.policy !== undefined)).toBe(false);
});
