import { expect, it } from 'vitest';
import { Swarm } from '../../test/swarm/fixture.ts';
import { removeNode } from './nodes.ts';
import { revokePeer, withPeerCertificate } from './peer-certificates.ts';
import type { SwarmKeys } from './records.ts';

const certificate = (serial: string, until: number) => ({ serial, until });

it('certificates of a manager that leaves are revoked for as long as they are valid', () => {
  const swarm = new Swarm();
  const [cluster] = swarm.view.all('cluster');
  const keys = { ...cluster, revokedPeers: [certificate('old', 50), certificate('other', 200)] };
  swarm.put({ table: 'keys', put: keys as unknown as SwarmKeys });
  const first = withPeerCertificate(swarm.node('one'), certificate('a', 60), 0);
  const node = withPeerCertificate(first, certificate('b', 300), 100);
  expect(node.peerCertificates).toEqual([certificate('b', 300)]);
  const revoked = [certificate('other', 200), certificate('b', 300)];
  expect(revokePeer(swarm.view, node, 100)).toMatchObject([{ put: { revokedPeers: revoked } }]);
  expect(revokePeer(swarm.view, { ...node, peerCertificates: undefined }, 100)).toEqual([]);

  const worker = { ...node, spec: { ...node.spec, Role: 'worker' as const } };
  swarm.put({ table: 'nodes', put: worker });
  const { changes } = removeNode({ id: node.id, force: true }, { ...swarm.context(), now: 100 })(swarm.view);
  expect(changes).toContainEqual(
    expect.objectContaining({ put: expect.objectContaining({ revokedPeers: revoked }) }),
  );
});
