/** `/swarm`. */
import { fail } from '../../errors.ts';
import type { Availability } from '../../swarm/spec.ts';
import { clusterDefaults, clusterSpec } from '../create/cluster-spec.ts';
import { presentSwarm } from '../presenters/swarm.ts';
import { empty, json, post, type Route, route } from '../route.ts';
import {
  clusterSpec as clusterSpecBody,
  type SwarmInit,
  type SwarmJoin,
  swarmInit,
  swarmJoin,
  swarmUnlock,
} from '../schemas/swarm.ts';
import type { Minor } from '../version.ts';
import { strictFlag, versionOf } from './swarm-queries.ts';

function availability(text = ''): Availability {
  const known = text.toLowerCase() || 'active';
  if (known === 'active' || known === 'pause' || known === 'drain') return known;
  throw fail('BAD_REQUEST', `invalid Availability: ${JSON.stringify(text)}`);
}

const addresses = (body: SwarmInit | SwarmJoin) => ({
  listenAddress: body.ListenAddr ?? '',
  advertiseAddress: body.AdvertiseAddr ?? '',
  dataPathAddress: body.DataPathAddr ?? '',
  availability: availability(body.Availability),
});

/** Pools came with API 1.39, the port with 1.40; before they are unknown. */
const placesOf = (body: SwarmInit, version: Minor) => ({
  addressPools: version < 39 ? [] : (body.DefaultAddrPool ?? []),
  subnetSize: version < 39 ? 0 : (body.SubnetSize ?? 0),
  dataPathPort: version < 40 ? 0 : (body.DataPathPort ?? 0),
});

export const swarmRoutes: readonly Route[] = [
  post('/swarm/init', swarmInit, async ({ engine, body, version }) => {
    const id = await engine.swarm.init({
      ...addresses(body),
      ...placesOf(body, version),
      forceNewCluster: body.ForceNewCluster ?? false,
      autoLock: body.AutoLockManagers ?? false,
      spec: clusterSpec(body.Spec ?? {}, clusterDefaults),
    });
    return json(id);
  }),
  post('/swarm/join', swarmJoin, async ({ engine, body }) => {
    const request = { remoteAddresses: body.RemoteAddrs ?? [], token: body.JoinToken ?? '' };
    await engine.swarm.join({ ...addresses(body), ...request });
    return empty(200);
  }),
  route('POST', '/swarm/leave', async ({ engine, query }) => {
    await engine.swarm.leave({ force: query.flag('force') });
    return empty(200);
  }),
  route('GET', '/swarm', ({ engine }) => json(presentSwarm(engine.swarm.inspect()))),
  post('/swarm/update', clusterSpecBody, async ({ engine, body, query }) => {
    const version = versionOf(query, 'swarm');
    const rotate = {
      workerToken: strictFlag(query, 'rotateWorkerToken'),
      managerToken: strictFlag(query, 'rotateManagerToken'),
      unlockKey: strictFlag(query, 'rotateManagerUnlockKey'),
    };
    const spec = clusterSpec(body, engine.swarm.inspect().cluster.spec);
    await engine.swarm.update(spec, { version, rotate });
    return empty(200);
  }),
  route('GET', '/swarm/unlockkey', ({ engine }) => json({ UnlockKey: engine.swarm.unlockKey() })),
  post('/swarm/unlock', swarmUnlock, async ({ engine, body }) => {
    await engine.swarm.unlock(body.UnlockKey ?? '');
    return empty(200);
  }),
];
