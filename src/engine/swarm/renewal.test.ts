import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeCredentials, makeRootCa } from '../../manager/certificates.ts';
import { issuerOf } from '../../manager/subject.ts';
import { createLogger } from '../../observe/logger.ts';
import { Renewal } from './renewal.ts';

const subject = { nodeId: 'n'.repeat(25), clusterId: 'c'.repeat(25), role: 'worker' } as const;
const [root, next] = await Promise.all([makeRootCa('swarm-ca'), makeRootCa('swarm-ca')]);
const { certificate } = await makeCredentials({ ca: root, subject, life: 24 * 3_600_000 });
const wanted = issuerOf(next.certificate).publicKey;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A node whose managers cannot be reached. */
function failing() {
  const renew = vi.fn(async () => {
    throw new Error('no leader');
  });
  const renewal = new Renewal({ logger: createLogger('fatal'), renew, certified: () => undefined });
  renewal.plan(certificate);
  return { renew, renewal };
}

it('is tried at growing distances while another root CA is to sign, and at once when a manager answers', async () => {
  const { renew, renewal } = failing();
  renewal.want(wanted);
  await vi.advanceTimersByTimeAsync(7_500);
  expect(renew).toHaveBeenCalledTimes(4);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(renew.mock.calls.length).toBeLessThan(12);
  const before = renew.mock.calls.length;
  renewal.want(wanted);
  await vi.advanceTimersByTimeAsync(0);
  expect(renew).toHaveBeenCalledTimes(before + 1);
  renewal.close();
});

it('is not tried any more once it is closed, also where it fails after that', async () => {
  const { renew, renewal } = failing();
  renewal.want(wanted);
  renewal.close();
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(renew).toHaveBeenCalledTimes(1);
});

it('is done at once where it is asked for, and tried again where that fails', async () => {
  const { renew, renewal } = failing();
  await renewal.now();
  expect(renew).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(renew).toHaveBeenCalledTimes(2);
  renewal.close();
});
