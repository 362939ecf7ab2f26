import { describe, expect, test } from 'vitest';
import { address, drop, silence } from '../../test/model/evidence.ts';
import type { CauseCode } from './causes.ts';
import { diagnose } from './diagnose.ts';
import type { Evidence, Looked } from './evidence.ts';

const codeOf = (more: Partial<Evidence>): CauseCode | undefined => diagnose({ ...silence, ...more })?.code;

describe('a close look', () => {
  const none: Looked = { mistaken: [], unanswered: [], ports: [], queues: [], dead: [] };
  const hop = { by: 'db', address, link: 'eth0' };
  const port = { container: 'web', link: 'veth1', state: 'forwarding', instead: '', holder: '' };
  const queue = { at: 'container db', link: 'eth0', dropped: 0 };

  test.each<[CauseCode, RegExp, Partial<Looked>]>([
    ['link-down', /lo in container db is down/, { loopbackDown: true }],
    ['link-down', /up0 of this host has no carrier/, { dead: [{ link: 'up0', up: true }] }],
    ['link-down', /up0 of this host is down/, { dead: [{ link: 'up0', up: false }] }],
    ['bridge-port', /blocking/, { ports: [{ ...port, state: 'blocking' }] }],
    ['bridge-port', /veth2, which is third's/, { ports: [{ ...port, instead: 'veth2', holder: 'third' }] }],
    ['foreign-neighbour', /has 02:99/, { mistaken: [{ ...hop, mac: '02:99', rightful: '02:01' }] }],
    ['route-missing', /no route back/, { noRouteBack: { to: '172.18.0.3', refused: 'EINVAL' } }],
    ['subnet-hidden', /out by tun9, others by up0/, { ruled: { refused: '', link: 'tun9', usual: 'up0' } }],
    ['subnet-hidden', /prohibit/, { ruled: { refused: 'EACCES', link: '', usual: 'up0' } }],
    ['traffic-control', /tbf.*dropped 3/, { queues: [{ ...queue, kind: 'tbf', dropped: 3 }] }],
    ['traffic-control', /filters of tc/, { queues: [{ ...queue, kind: 'clsact' }] }],
    ['no-neighbour', /ARP is off/, { unanswered: [{ ...hop, why: 'ARP is off on link eth0 of web' }] }],
    ['no-answer', /does not answer/, { queues: [{ ...queue, kind: 'fq_codel' }] }],
  ])('%s: %s', (code, sentence, looked) => {
    const cause = diagnose({ ...silence, looked: { ...none, ...looked } });
    expect(cause?.code).toBe(code);
    expect(cause?.sentence).toMatch(sentence);
  });
});

test('a MAC address that two have and a rule that leads elsewhere are told of pairs that reach each other', () => {
  const sameMac = { of: 'web', other: 'third', mac: '02:00:00:00:00:01' };
  const redirected = { rule: drop('ip nat', 'PREROUTING').rule, to: '192.0.2.7:80' };
  for (const result of ['connected', 'silent'] as const) {
    expect(codeOf({ result, sameMac })).toBe('duplicate-address');
    expect(codeOf({ result, redirected })).toBe('redirected');
  }
});

test('where a neighbour of the receiver answers, the tunnel to its host is not blocked', () => {
  const none: Looked = { mistaken: [], unanswered: [], ports: [], queues: [], dead: [] };
  const peer = {
    ...{ id: 'f'.repeat(64), networkId: 'n', nodeId: 'host2', name: 'c2', dnsNames: [] },
    ...{ addresses: ['10.77.0.3/24'], mac: '02:00:00:00:00:07' },
  };
  const { from } = silence;
  const to = { kind: 'peer', name: 'c2', peer } as const;
  const network = from.kind === 'container' ? (from.endpoints[0]?.networkId ?? '') : '';
  const far = { ...silence, from, to: { ...to, peer: { ...peer, networkId: network } }, listeners: [] };
  expect(diagnose({ ...far, looked: none })?.code).toBe('underlay-blocked');
  expect(diagnose({ ...far, looked: { ...none, neighbourAnswers: 'd2' } })?.code).toBe('no-answer');
});
