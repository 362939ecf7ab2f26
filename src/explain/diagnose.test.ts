import { describe, expect, test } from 'vitest';
import {
  address,
  at,
  change,
  drop,
  far,
  here,
  host,
  http,
  inner,
  one,
  silence,
  two,
} from '../../test/model/evidence.ts';
import type { PortMapping } from '../model/sandbox.ts';
import { bare } from '../net/address.ts';
import { readDocument } from '../policy/read-document.ts';
import type { CauseCode } from './causes.ts';
import { diagnose, isUnsure, reaches } from './diagnose.ts';
import { findEnd } from './ends.ts';
import type { Drop, Evidence, Listener } from './evidence.ts';
import type { PendingChange } from './pending.ts';

const codeOf = (more: Partial<Evidence>): CauseCode | undefined => diagnose({ ...silence, ...more })?.code;

test('what is answered has no cause, but what the answer hides', () => {
  const good = { result: 'connected' } as const;
  expect(codeOf(good)).toBeUndefined();
  expect(reaches({ ...silence, ...good })).toBe(true);
  // neither drops nor differences make a cause then
  expect(
    codeOf({ ...good, drops: [drop('ip filter', 'INPUT')], differences: [change('link', 'eth0')] }),
  ).toBeUndefined();
  expect(codeOf({ ...good, claimants: [{ mac: '02:00:00:00:00:99', container: 'db' }] })).toBe(
    'duplicate-address',
  );
  expect(codeOf({ ...good, largeVanish: { size: 1500, link: 'eth0', mtu: 1200 } })).toBe('mtu');
});

describe('who listens', () => {
  const refused = (listeners: readonly Listener[], more: Partial<Evidence> = {}) =>
    codeOf({ result: 'refused', listeners, ...more });

  test.each<[CauseCode, readonly Listener[]]>([
    ['nobody-listens', []],
    ['nobody-listens', [{ ...http, port: 81 }]],
    ['listens-on-loopback', [{ ...http, address: '127.0.0.1' }]],
    ['listens-on-loopback', [{ ...http, address: '::1' }]],
    ['listens-elsewhere', [{ ...http, address: '172.30.0.9' }]],
    ['wrong-family', [{ ...http, address: 'fd00::9' }]],
    // IPV6_V6ONLY
    ['wrong-family', [{ ...http, address: '::' }]],
    ['wrong-protocol', [{ ...http, protocol: 'udp' }]],
    ['refused', [http]],
  ])('%s: %o', (code, listeners) => {
    expect(refused(listeners)).toBe(code);
  });

  test('a port of the host is asked for at the container as its own', () => {
    const mapping: PortMapping = {
      protocol: 'tcp',
      ...{ hostIP: '0.0.0.0', hostPort: 8080, containerPort: 80, address, endpointId: '' },
      asked: { hostIP: '', hostPort: '8080' },
    };
    const target = { name: 'host', port: 8080, protocol: 'tcp' } as const;
    expect(refused([], { mapping, target })).toBe('nobody-listens');
    expect(refused([http], { mapping, target })).toBe('refused');
  });

  test('a backlog is full where connections wait and nobody is answered', () => {
    expect(codeOf({ listeners: [{ ...http, waiting: 2 }] })).toBe('backlog-full');
  });

  test('a datagram without an answer is delivered where a socket takes it', () => {
    const udp = {
      target: { name: 'web', port: 53, protocol: 'udp' },
      passages: [at('receiver', 'input')],
    } as const;
    const dns: Listener = { ...http, protocol: 'udp', port: 53 };
    expect(reaches({ ...silence, ...udp, listeners: [dns] })).toBe(true);
    expect(codeOf({ ...udp, listeners: [] })).toBe('nobody-listens');
    expect(codeOf({ ...udp, passages: [], listeners: [dns] })).toBe('no-answer');
  });
});

test('the records decide first', () => {
  expect(codeOf({ to: far })).toBe('no-common-network');
  expect(codeOf({ from: one, to: two })).toBe('icc-off');
  const outside = findEnd('outside:203.0.113.1', { view: here.model, hostAddresses: new Set() });
  if (outside) expect(codeOf({ from: outside })).toBe('port-not-published');
  // what was refused by the receiver was not kept apart
  expect(codeOf({ from: one, to: two, result: 'refused', listeners: [] })).toBe('nobody-listens');
});

test('an internal network leads to its host', () => {
  const closed = { from: inner, to: { kind: 'host', name: 'this host' } } as const;
  expect(codeOf(closed)).toBe('internal-network');
  expect(codeOf({ ...closed, result: 'refused', listeners: [] })).toBe('nobody-listens');
});

test('the rule of a policy is found by the address that the host has for the receiver', () => {
  const rules = '[{deny: host}, {deny: outside}]';
  const [policy] = readDocument(`{name: shut, applies: web, ingress: ${rules}}`);
  if (policy) here.model.apply([{ table: 'policies', put: policy }]);
  const source = here.model.networkByName('app')?.ipam.pools[0]?.gateway ?? '';
  const cause = diagnose({
    ...{ ...silence, from: { kind: 'host', name: 'this host' }, result: 'refused' },
    drops: [{ ...drop('inet seaway-policy', 'refuse'), place: 'receiver' }],
    passages: [at('receiver', 'prerouting', { source: bare(source) })],
  });
  expect(cause?.sentence).toMatch(/ingress rule 1 \(line 1\), deny host/);
  here.model.apply([{ table: 'policies', remove: 'shut' }]);
});

describe('the rule that drops', () => {
  test.each<[CauseCode, Drop]>([
    ['docker-user', drop('ip filter', 'DOCKER-USER')],
    ['host-firewall', drop('ip filter', 'INPUT')],
    ['host-firewall', drop('inet mine', 'guard')],
    ['own-rule', drop('ip raw', 'PREROUTING', { owner: '', reason: 'It is reached by the host.' })],
    ['container-firewall', { ...drop('ip filter', 'INPUT'), place: 'receiver' }],
    ['policy', { ...drop('inet seaway-policy', 'ingress'), place: 'receiver' }],
  ])('%s', (code, one) => {
    expect(codeOf({ drops: [one] })).toBe(code);
  });

  test('its cure removes it by its place', () => {
    const cure = (one: Drop): string => diagnose({ ...silence, drops: [one] })?.cure ?? '';
    expect(cure(drop('ip filter', 'INPUT'))).toBe('iptables -t filter -D INPUT 1');
    expect(cure(drop('ip6 filter', 'FORWARD', { number: 0 }))).toBe('ip6tables -t filter -P FORWARD ACCEPT');
    expect(cure(drop('inet mine', 'guard'))).toMatch(/^nft -a list chain inet mine guard/);
  });
});

describe('what the kernel lacks', () => {
  test.each<[CauseCode, PendingChange]>([
    ['link-missing', change('link', 'eth0')],
    ['link-missing', change('namespace', 'netns')],
    [
      'link-down',
      change('link', 'eth0', {
        action: 'change',
        differences: [{ field: 'up', desired: 'true', observed: 'false' }],
      }),
    ],
    [
      'link-down',
      change('link', 'veth1', {
        action: 'change',
        differences: [{ field: 'peer.up', desired: 'true', observed: 'false' }],
      }),
    ],
    [
      'link-down',
      change('link', 'veth1', {
        action: 'change',
        differences: [{ field: 'master', desired: 'br-1', observed: '' }],
      }),
    ],
    [
      'mtu',
      change('link', 'eth0', {
        action: 'change',
        differences: [{ field: 'mtu', desired: '1500', observed: '1200' }],
      }),
    ],
    ['address-missing', change('address', 'eth0/172.18.0.2/16')],
    ['route-missing', change('route', '0.0.0.0/0')],
    ['entry-missing', change('fdb', 'vx0')],
    ['setting-changed', change('sysctl', 'net/ipv6/conf/eth0/disable_ipv6', { action: 'change' })],
    ['rules-missing', change('rules', 'IPv4: 3 lines', { action: 'change', namespace: 'host' })],
  ])('%s: %o', (code, one) => {
    expect(codeOf({ differences: [one] })).toBe(code);
  });

  test('a link that is gone is told before what went with it', () => {
    expect(codeOf({ differences: [change('route', '0.0.0.0/0'), change('link', 'eth0')] })).toBe(
      'link-missing',
    );
  });

  test('what is too much is no cause', () => {
    expect(codeOf({ differences: [change('address', 'eth0/10.0.0.1/8', { action: 'remove' })] })).toBe(
      'no-answer',
    );
  });
});

describe('the host', () => {
  const stopped = { passages: [at('host', 'prerouting')] };

  test.each<[CauseCode, Partial<Evidence>]>([
    ['conntrack-full', { host: { ...host, tracked: 100 } }],
    ['subnet-hidden', { host: { ...host, linkToReceiver: 'tun0' } }],
    ['subnet-hidden', { host: { ...host, receiverRefused: 'EINVAL' } }],
    ['foreign-neighbour', { claimants: [{ mac: '02:00:00:00:00:99', container: 'one', holds: false }] }],
    ['forwarding-off', { ...stopped, host: { ...host, closed: 'all' } }],
    ['rp-filter', { ...stopped, host: { ...host, reversePathFilter: 1 } }],
    [
      'foreign-neighbour',
      { rightfulAnswered: false, claimants: [{ mac: '02:00:00:00:00:99', container: '' }] },
    ],
    ['route-missing', { noRoute: 'ENETUNREACH', result: 'failed', reason: 'ENETUNREACH' }],
    ['route-missing', { strangeGateway: { gateway: '172.18.0.77', wanted: '172.18.0.1' } }],
  ])('%s', (code, more) => {
    expect(codeOf(more)).toBe(code);
  });

  test('a packet that was forwarded was stopped neither by forwarding nor by the filter', () => {
    const passages = [at('host', 'prerouting'), at('host', 'forward')];
    expect(codeOf({ passages, host: { ...host, closed: 'all', reversePathFilter: 1 } })).toBe('no-answer');
  });

  test("a route by the network's own link hides nothing", () => {
    const link = here.model.networkByName('app')?.link ?? '';
    expect(codeOf({ host: { ...host, linkToReceiver: link } })).toBe('no-answer');
  });
});

test('a rule that rejects is told, not the refusal that it makes', () => {
  const rejected = { ...drop('ip filter', 'INPUT'), place: 'receiver' as const };
  expect(codeOf({ result: 'refused', drops: [rejected], listeners: [{ ...http, address: '::' }] })).toBe(
    'container-firewall',
  );
});

test("a packet that went another way is not the firewall's, which stopped it there", () => {
  const linkToReceiver = 'tun9';
  expect(codeOf({ drops: [drop('ip filter', 'FORWARD')], host: { ...host, linkToReceiver } })).toBe(
    'subnet-hidden',
  );
});

test('every cause tells where it is and what cures it', () => {
  for (const more of [
    {},
    { result: 'refused' as const, listeners: [] },
    { drops: [drop('ip filter', 'INPUT')] },
  ]) {
    const cause = diagnose({ ...silence, ...more });
    expect(cause?.sentence).toMatch(/[^.]$/);
    expect([cause?.at, cause?.cure]).not.toContain('');
  }
});

test('only what is left where nothing better was found is looked at further', () => {
  const unsure = (more: Partial<Evidence>): boolean => isUnsure(diagnose({ ...silence, ...more }));
  expect(unsure({})).toBe(true);
  expect(unsure({ result: 'refused' })).toBe(true);
  expect(unsure({ result: 'refused', listeners: [] })).toBe(false);
  expect(unsure({ drops: [drop('ip filter', 'INPUT')] })).toBe(false);
  expect(unsure({ result: 'connected' })).toBe(false);
});
