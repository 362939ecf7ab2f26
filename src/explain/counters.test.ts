import { expect, test } from 'vitest';
import { risen } from './counters.ts';

const saved = (guard: number, policy: number): string => `*raw
[9:540] -A PREROUTING -i lo -j ACCEPT
COMMIT
*filter
:INPUT ACCEPT [1:60]
:FORWARD DROP [${policy}:60]
[9:540] -A INPUT -p tcp -j guard
[${guard}:60] -A guard -p tcp -m tcp --dport 80 -j DROP
[${guard}:60] -A guard -j RETURN
[4:240] -A guard -s 192.0.2.9/32 -j REJECT --reject-with icmp-port-unreachable
COMMIT
`;

test('the rule whose counter has risen with the probes is told with its place', () => {
  expect(risen(saved(4, 7), saved(7, 7), 3)).toEqual({
    ...{ table: 'filter', chain: 'guard', number: 1 },
    text: '-A guard -p tcp -m tcp --dport 80 -j DROP',
  });
});

test('so is a policy', () => {
  expect(risen(saved(4, 7), saved(4, 10), 3)).toEqual({
    table: 'filter',
    chain: 'FORWARD',
    number: 0,
    text: '',
  });
});

test('fewer packets than probes are those of others', () => {
  expect(risen(saved(4, 7), saved(6, 9), 3)).toBeUndefined();
});
