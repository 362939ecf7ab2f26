import { expect, test } from 'vitest';
import { refuseOtherCluster } from './reload.ts';

const of = (store: string) => ({ cluster: { store, advertise: 'eth0:2376', options: {} } });

test('a cluster is entered late, and not changed', () => {
  const [none, one, other] = [of(''), of('etcd://a'), of('etcd://b')];
  expect(() => refuseOtherCluster(false, { before: none, next: one })).not.toThrow();
  // it was wrong the first time
  expect(() => refuseOtherCluster(false, { before: one, next: other })).not.toThrow();
  expect(() => refuseOtherCluster(true, { before: one, next: one })).not.toThrow();
  for (const next of [none, other])
    expect(() => refuseOtherCluster(true, { before: one, next })).toThrow(
      'cannot accept new configuration because it modifies an existing datastore client',
    );
});
