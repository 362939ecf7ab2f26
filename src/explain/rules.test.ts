import { expect, test } from 'vitest';
import { findRule, makerOf } from './rules.ts';

const listing = `table ip filter { # handle 1
	chain DOCKER-USER { # handle 5
		ip protocol tcp tcp dport 5432 counter packets 3 bytes 180 drop # handle 17
		counter packets 0 bytes 0 return # handle 9
	}

	chain FORWARD { # handle 2
		type filter hook forward priority filter; policy drop;
		counter packets 3 bytes 180 jump DOCKER-USER # handle 17
	}
}
`;

test('a rule is found by chain and handle, with its place and without counters', () => {
  expect(findRule(listing, { chain: 'DOCKER-USER', handle: 17 })).toEqual({
    number: 1,
    text: 'ip protocol tcp tcp dport 5432 drop',
  });
  expect(findRule(listing, { chain: 'DOCKER-USER', handle: 9 })).toEqual({ number: 2, text: 'return' });
  expect(findRule(listing, { chain: 'FORWARD', handle: 17 })?.text).toBe('jump DOCKER-USER');
  expect(findRule(listing, { chain: 'FORWARD', handle: 9 })).toBeUndefined();
});

test.each([
  ['ip filter', 'ufw-user-input', 'ufw'],
  ['inet firewalld', 'filter_INPUT', 'firewalld'],
  ['ip filter', 'KUBE-FIREWALL', 'Kubernetes'],
  ['ip filter', 'LIBVIRT_FWI', 'libvirt'],
  ['ip filter', 'INPUT', 'the administrator of this host'],
])('%s %s is of %s', (table, chain, maker) => {
  expect(makerOf({ table, chain })).toBe(maker);
});
