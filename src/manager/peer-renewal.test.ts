import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { createLogger } from '../observe/logger.ts';
import { makeCredentials, makeRootCa } from './certificates.ts';
import type { ManagerKeys } from './node-files.ts';
import { PeerRenewal } from './peer-renewal.ts';
import type { ManagerStore } from './store.ts';

const run = mkdtempSync(join(tmpdir(), 'seaway-peers-'));
afterAll(() => rmSync(run, { recursive: true }));

const subject = { nodeId: 'n'.repeat(25), clusterId: 'c'.repeat(25), role: 'manager' } as const;
const ca = await makeRootCa('swarm-peers');
const peer = await makeCredentials({ ca, subject, life: 24 * 3_600_000 });

const revoked = (serial: string) => ({ serial, until: Date.now() + 1_000_000 });

/** A manager of a swarm whose records have these revoked certificates. */
async function managerOf(serials: string[]) {
  const heard: ((changes: readonly { readonly table: string }[]) => void)[] = [];
  const transact = vi.fn(async (): Promise<void> => undefined);
  const store = {
    view: { all: () => [{ peerCa: ca.certificate, peerKey: ca.key, revokedPeers: serials.map(revoked) }] },
    onChange: (listener: (typeof heard)[number]) => {
      heard.push(listener);
      return () => undefined;
    },
    transact,
  } as unknown as ManagerStore;
  const kept = vi.fn(async (_keys: ManagerKeys) => undefined);
  const renewal = new PeerRenewal({
    ...{ store, run, kept, logger: createLogger('fatal'), address: '10.0.0.1' },
    ...{ nodeId: subject.nodeId, clusterId: subject.clusterId },
    keys: { state: '', peer, peerCa: ca.certificate },
  });
  await renewal.begin();
  const change = (): void => {
    for (const listener of heard) listener([{ table: 'keys' }]);
  };
  return { renewal, kept, change, transact };
}

it('a list of revoked certificates that could not be written is written at the next look', async () => {
  const serials = ['4a01'];
  const { renewal, kept, change } = await managerOf(serials);
  expect(renewal.keys.peerCrl).toContain('BEGIN X509 CRL');
  serials.push('4a02');
  kept.mockRejectedValueOnce(new Error('the disk is full'));
  change();
  await vi.waitFor(() => expect(kept).toHaveBeenCalledTimes(2));
  await renewal.look();
  expect(kept).toHaveBeenCalledTimes(3);
  renewal.close();
});

it('a list that comes while the certificate is renewed keeps the new certificate', async () => {
  const serials = ['4a01'];
  const { renewal, change, transact } = await managerOf(serials);
  const first = renewal.keys.peerCrl;
  serials.push('4a02');
  transact.mockImplementationOnce(async () => change());
  await renewal.replace();
  await vi.waitFor(() => expect(renewal.keys.peerCrl).not.toBe(first));
  expect(renewal.keys.peer.certificate).not.toBe(peer.certificate);
  expect(readFileSync(join(run, 'peer.pem'), 'utf8')).toBe(renewal.keys.peer.certificate);
  renewal.close();
});
