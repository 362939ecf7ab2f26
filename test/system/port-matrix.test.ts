/**
 * Who reaches a published port, and which address the container sees: all cells of `port-matrix/cells.ts`, beside what is
 * recorded there, from which docs/published-ports.md is made. CI asks Seaway with iptables; SEAWAY_MATRIX=all both of
 * its backends, and Docker 28.5 with both of its, where that is unpacked. UPDATE_GOLDEN=1 records.
 */
import { describe, expect, test } from 'vitest';
import { missingDockerd, openDockerPeer, peerMajor } from './docker-peer.ts';
import { openTestEngine } from './engine.ts';
import type { EngineHost } from './engine-host.ts';
import { keyOf } from './port-matrix/cells.ts';
import { measure } from './port-matrix/measure.ts';
import { cellsOf, readRecord, type Subject, writeRecord } from './port-matrix/record.ts';

const isLong = process.env.SEAWAY_MATRIX === 'all';

async function expectRecorded(engine: EngineHost, subject: Subject, records = false): Promise<void> {
  const [cells, expected] = [cellsOf(subject), readRecord(subject)];
  const results = await measure(engine, { cells, expected });
  if (records && process.env.UPDATE_GOLDEN === '1') return writeRecord(subject, results);
  const wrong = cells.map(keyOf).filter((key) => results.get(key) !== expected.get(key));
  expect(wrong.map((key) => `${key}: ${results.get(key)} instead of ${expected.get(key)}`)).toEqual([]);
}

describe('published ports', { timeout: 240_000 }, () => {
  const engine = openTestEngine({ flags: ['--firewall-backend=iptables'] });
  test('answer as recorded with iptables', () => expectRecorded(engine, 'seaway', true));
});

describe.skipIf(!isLong)('published ports', { timeout: 240_000 }, () => {
  const engine = openTestEngine({ flags: ['--firewall-backend=nftables'] });
  test('answer the same with nftables', () => expectRecorded(engine, 'seaway'));
});

const missing = missingDockerd() ?? (peerMajor === 28 ? undefined : 'Docker 28 is not unpacked');
const skipped = missing ? ` (skipped: ${missing})` : '';
const dockers = [
  { backend: 'iptables', env: {}, records: true },
  { backend: 'nftables', env: { DOCKER_FIREWALL_BACKEND: 'nftables' }, records: false },
] as const;
describe.skipIf(!isLong || missing !== undefined).each(dockers)(
  `published ports of Docker 28.5 with $backend${skipped}`,
  { timeout: 240_000 },
  ({ env, records }) => {
    const peer = openDockerPeer({ env });
    test('answer as recorded', () => expectRecorded(peer, 'docker', records));
  },
);
