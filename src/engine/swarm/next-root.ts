/** The root CA that a user's new spec of the swarm asks for. */
import { fail } from '../../errors.ts';
import { makeRootCa } from '../../manager/certificates.ts';
import { crossSign, readCa } from '../../manager/root-ca.ts';
import { asksRotation, type NextRoot } from '../../manager/root-rotation.ts';
import type { SwarmView } from '../../swarm/records.ts';
import type { ClusterSpec } from '../../swarm/spec.ts';

/** Undefined where it asks for none. Throws SWARM_INVALID for one that cannot be taken, NOT_SUPPORTED without its key. */
export async function nextRoot(view: SwarmView, spec: ClusterSpec): Promise<NextRoot | undefined> {
  const [cluster] = view.all('cluster');
  const [keys] = view.all('keys');
  if (!cluster || !keys) throw fail('SWARM_PREPARING');
  if (!asksRotation(cluster.spec, spec)) return undefined;
  const { SigningCACert: certificate, SigningCAKey: key } = spec.CAConfig;
  if (certificate && !key) throw fail('NOT_SUPPORTED', 'an external CA of a swarm');
  const made = certificate && key ? readCa({ certificate, key }) : await makeRootCa('swarm-ca');
  const present = { certificate: cluster.rootCa, key: keys.rootKey };
  const isSame = made.certificate === present.certificate;
  return { ...made, crossSigned: isSame ? '' : await crossSign(present, made.certificate) };
}
