/** The root CA of a swarm is replaced: certificates by the next one first, then trust in it. Pure. */
import { fail } from '../errors.ts';
import { timeText } from '../swarm/context.ts';
import type { SwarmChange, SwarmCluster, SwarmKeys, SwarmNode, SwarmTransition } from '../swarm/records.ts';
import type { ClusterSpec } from '../swarm/spec.ts';
import type { Credentials } from './root-ca.ts';
import { fingerprintOf, issuerOf } from './subject.ts';

export interface NextRoot extends Credentials {
  /** It, signed by the root CA of now. */
  readonly crossSigned: string;
}

export const certifiedBy = (root: string, trustRoot: string): NonNullable<SwarmNode['certificate']> => {
  const { subject, publicKey } = issuerOf(root);
  return { issuerSubject: subject, issuerPublicKey: publicKey, trustRoot };
};

/** The root CA whose certificates nodes are to have. */
export const wantedRoot = ({ rootCa, nextRoot }: Pick<SwarmCluster, 'rootCa' | 'nextRoot'>): string =>
  nextRoot?.certificate ?? rootCa;

/** What signs certificates of nodes, and what is sent along with them; '' for nothing. */
export function signingCa(
  { rootCa, crossSigned = '', nextRoot }: SwarmCluster,
  { rootKey, nextRootKey }: SwarmKeys,
): { readonly ca: Credentials; readonly crossSigned: string } {
  if (nextRoot && nextRootKey)
    return {
      ca: { certificate: nextRoot.certificate, key: nextRootKey },
      crossSigned: nextRoot.crossSigned,
    };
  return { ca: { certificate: rootCa, key: rootKey }, crossSigned };
}

/** Whether a new spec asks for another root CA. */
export const asksRotation = ({ CAConfig: before }: ClusterSpec, { CAConfig: after }: ClusterSpec): boolean =>
  Boolean(after.SigningCACert) || (before.ForceRotate ?? 0) !== (after.ForceRotate ?? 0);

export interface Rotated {
  readonly cluster: SwarmCluster;
  readonly keys: SwarmKeys;
}

/** Back to the one of now ends a rotation; the one that it rotates to already goes on. */
export function withNextRoot(
  { cluster, keys }: Rotated,
  { certificate, key, crossSigned }: NextRoot,
): Rotated {
  if (certificate === cluster.rootCa)
    return {
      cluster: { ...cluster, nextRoot: undefined },
      keys: { ...keys, rootKey: key, nextRootKey: undefined },
    };
  const isGoing = cluster.nextRoot?.certificate === certificate;
  return {
    cluster: isGoing ? cluster : { ...cluster, nextRoot: { certificate, crossSigned } },
    keys: { ...keys, nextRootKey: key },
  };
}

/** What a node says of its own certificate is on record. */
export const certified =
  (
    { id, now }: { readonly id: string; readonly now: number },
    { issuer, root }: { readonly issuer: string; readonly root: string },
  ): SwarmTransition<void> =>
  (view) => {
    const node = view.get('nodes', id);
    const [cluster] = view.all('cluster');
    if (!node || !cluster) return { changes: [], result: undefined };
    const roots = [cluster.rootCa, ...(cluster.nextRoot ? [cluster.nextRoot.certificate] : [])];
    const signer = roots.find((one) => issuerOf(one).publicKey === issuer);
    const isTrusted = fingerprintOf(cluster.rootCa) === root;
    const trustRoot = isTrusted ? cluster.rootCa : node.certificate?.trustRoot;
    const certificate = signer && { ...certifiedBy(signer, ''), ...(trustRoot && { trustRoot }) };
    if (!certificate || JSON.stringify(certificate) === JSON.stringify(node.certificate))
      return { changes: [], result: undefined };
    return {
      changes: [{ table: 'nodes', put: { ...node, updatedAt: timeText(now), certificate } }],
      result: undefined,
    };
  };

/** Once all nodes have certificates by the next root CA, it is the one that is trusted, and tokens name it. */
export const finishRotation =
  ({
    now,
    newToken,
  }: {
    readonly now: number;
    readonly newToken: (rootCa: string) => string;
  }): SwarmTransition<boolean> =>
  (view) => {
    const [cluster] = view.all('cluster');
    const [keys] = view.all('keys');
    const { nextRoot } = cluster ?? {};
    if (!cluster || !keys || !nextRoot) return { changes: [], result: false };
    if (!keys.nextRootKey) throw fail('SWARM_UNKNOWN', 'the key of the next root CA is not on record');
    const { publicKey } = issuerOf(nextRoot.certificate);
    const isDone = Array.from(view.all('nodes')).every(
      ({ certificate }) => certificate?.issuerPublicKey === publicKey,
    );
    if (!isDone) return { changes: [], result: false };
    const updatedAt = timeText(now);
    const [rootCa, crossSigned] = [nextRoot.certificate, nextRoot.crossSigned];
    const changes: readonly SwarmChange[] = [
      { table: 'cluster', put: { ...cluster, updatedAt, rootCa, crossSigned, nextRoot: undefined } },
      {
        table: 'keys',
        put: {
          ...{ ...keys, updatedAt, rootKey: keys.nextRootKey, nextRootKey: undefined },
          ...{ workerToken: newToken(rootCa), managerToken: newToken(rootCa) },
        },
      },
    ];
    return { changes, result: true };
  };
