import { expect, it } from 'vitest';
import { makeCredentials, makeRootCa } from '../../manager/certificates.ts';
import { needsEnrolling } from './roles.ts';

it('a manager is enrolled again where the others would not let its member in any more', async () => {
  const ca = await makeRootCa('swarm-peers');
  const life = 3_600_000;
  const subject = { nodeId: 'a', clusterId: 'c', role: 'manager' } as const;
  const peer = await makeCredentials({ ca, subject, life });
  const keys = { manager: { state: '', peer, peerCa: ca.certificate } };
  const [one, two] = ['one', 'two'].map((nodeId) => ({ nodeId, address: '192.0.2.1:2377' }));
  const managers = one && two ? [one, two] : [];
  const later = Date.now() + 2 * life;
  expect(needsEnrolling({ role: 'worker', managers, keys })).toBe(true);
  expect(needsEnrolling({ role: 'manager', managers, keys: {} })).toBe(true);
  expect(needsEnrolling({ role: 'manager', managers, keys })).toBe(false);
  expect(needsEnrolling({ role: 'manager', managers, keys }, later)).toBe(true);
  expect(needsEnrolling({ role: 'manager', managers: managers.slice(0, 1), keys }, later)).toBe(false);
});
