/** `--force-new-cluster`: the records of this manager alone go on, whatever became of the others. */
import { cp, mkdir } from 'node:fs/promises';
import { removeTree } from '../kernel/files/remove-tree.ts';
import { timeText } from '../swarm/context.ts';
import type { SwarmChange, SwarmTransition } from '../swarm/records.ts';
import type { EtcdProcess } from './etcd-process.ts';
import { generate } from './generate.ts';
import type { Credentials } from './root-ca.ts';

/** Copied first: etcd's own command has had faults that lose the data. One copy is kept. */
export async function copyData(data: string): Promise<void> {
  const copy = `${data}.before`;
  await removeTree(copy);
  await mkdir(copy, { mode: 0o700 });
  await cp(data, copy, { recursive: true });
}

/** Its member forgets the others. It hears nobody meanwhile. */
export async function forceMember(etcd: EtcdProcess): Promise<void> {
  await etcd.stop();
  await etcd.begin();
  await etcd.stop();
}

/** Nodes follow the greater generation. Members of before are not let in by the new CA. */
export const afterForce =
  ({
    managerId,
    peers,
    now,
  }: {
    readonly managerId: string;
    readonly peers: Credentials;
    /** Milliseconds since the epoch. */
    readonly now: number;
  }): SwarmTransition<void> =>
  (view) => {
    const updatedAt = timeText(now);
    const changes: SwarmChange[] = [];
    for (const cluster of view.all('cluster')) {
      const epoch = { id: generate.id(), generation: cluster.epoch.generation + 1 };
      changes.push({ table: 'cluster', put: { ...cluster, epoch, updatedAt } });
    }
    for (const keys of view.all('keys'))
      changes.push({
        table: 'keys',
        put: { ...keys, updatedAt, peerCa: peers.certificate, peerKey: peers.key, revokedPeers: [] },
      });
    for (const node of view.all('nodes')) {
      if (!node.manager || node.id === managerId) continue;
      const { manager: _, peerCertificates: __, ...rest } = node;
      changes.push({
        table: 'nodes',
        put: { ...rest, updatedAt, spec: { ...node.spec, Role: 'worker' }, specChangedAfter: node.version },
      });
    }
    return { changes, result: undefined };
  };
