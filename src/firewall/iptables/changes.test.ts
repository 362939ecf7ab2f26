import { describe, expect, it } from 'vitest';
import { defaultSettings, type FirewallInput } from '../input.ts';
import { planFirewall } from '../plan.ts';
import { describeDeviations } from './changes.ts';
import { diffFirewall } from './diff.ts';
import { type Observed, parseSave, printSave } from './observed.ts';
import { restored } from './restored.ts';

const input: FirewallInput = {
  bridges: [
    {
      name: 'app',
      link: 'br-app',
      internal: false,
      icc: true,
      families: { 4: { subnets: ['172.18.0.0/16'], mode: 'nat', masquerade: true, source: '' } },
      trusted: [],
    },
  ],
  ports: [],
  open: [],
  holes: [],
  segments: [],
  settings: { ...defaultSettings, dropForwarded: [4] },
};

const wanted = planFirewall(input, 4);
const right = restored(new Map(), diffFirewall(wanted, '', []).script ?? '');

/** As it is with one line of `iptables-save` put in the place of another. */
const edited = (from: string | RegExp, to: string): Observed => {
  const saved = printSave(right);
  const other = saved.replace(from, to);
  expect(other).not.toBe(saved);
  return parseSave(other);
};

describe('what others have changed', () => {
  it('is nothing where all is as it should be, whatever else there is', () => {
    expect(describeDeviations(wanted, right)).toEqual([]);
    const theirs = edited(/(-A FORWARD -j DOCKER-FORWARD\n)/, '$1-A FORWARD -j ACCEPT\n');
    expect(describeDeviations(wanted, theirs)).toEqual([]);
  });

  it.each<[string, string | RegExp, string, string]>([
    ['a rule too many', /(-A DOCKER !)/, '-A DOCKER -j ACCEPT\n$1', 'filter DOCKER: "-j ACCEPT" was added'],
    [
      'a rule too few',
      '-A DOCKER ! -i br-app -o br-app -j DROP\n',
      '',
      'filter DOCKER: "! -i br-app -o br-app -j DROP" was removed',
    ],
    [
      'another order',
      /(-A DOCKER-FORWARD -j DOCKER-INTERNAL\n)(-A DOCKER-FORWARD -j DOCKER-CT\n)/,
      '$2$1',
      'filter DOCKER-FORWARD: the order was changed',
    ],
    ['a chain that is gone', /:DOCKER-CT .*\n/, '', 'filter DOCKER-CT was removed'],
    ['a policy', ':FORWARD DROP', ':FORWARD ACCEPT', 'filter FORWARD: policy ACCEPT instead of DROP'],
    [
      'a rule before the head',
      '-A FORWARD -j DOCKER-USER\n',
      '-A FORWARD -j ACCEPT\n-A FORWARD -j DOCKER-USER\n',
      'filter FORWARD: "-j DOCKER-USER" was moved',
    ],
    [
      'a rule of ours among those of others',
      /-A POSTROUTING -s 127.*\n/,
      '',
      'nat POSTROUTING: "-s 127.0.0.0/8 -o br-app -j MASQUERADE" was removed',
    ],
  ])('is named: %s', (_what, from, to, sentence) => {
    expect(describeDeviations(wanted, edited(from, to))).toContain(sentence);
  });
});
