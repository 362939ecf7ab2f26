/** `docker swarm join`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fail, hasCode } from '../../errors.ts';
import { makeRequest } from '../../manager/certificates.ts';
import type { NodeIdentity } from '../../manager/node-files.ts';
import { type JoinOutcome, joinBy } from '../../manager/remote.ts';
import { readToken } from '../../manager/tokens.ts';
import { usualDataPort } from '../../model/node.ts';
import { joinHostPort } from '../../net/address.ts';
import type { JoinRequest } from '../swarm-verbs.ts';
import { ActiveMember } from './active-member.ts';
import { chooseAddresses, type HostAddresses, hostOf, managerPort, readPlace } from './addresses.ts';
import type { MemberOptions } from './member.ts';

export interface Joining extends Omit<MemberOptions, 'identity' | 'keys'> {
  readonly machine: HostAddresses;
  readonly defaultAdvertise: string;
  readonly signal: AbortSignal;
  /** Throws SWARM_PORT where a program of this host has the port of the tunnels. */
  readonly checkDataPort: (port: number) => Promise<void>;
}

/** Milliseconds between rounds over the managers. */
const [firstPause, longestPause] = [200, 5_000];

/** Goes on until a manager has answered. Throws what one refuses with, SWARM_JOIN for a manager of another swarm. */
export async function joinSwarm(request: JoinRequest, options: Joining): Promise<ActiveMember> {
  const token = readToken(request.token.trim());
  if (!token) throw fail('SWARM_TOKEN');
  const remotes = request.remoteAddresses.map((text) => placeOf(text));
  if (remotes.length === 0) throw fail('SWARM_ADDRESS', 'at least 1 RemoteAddr is required to join');
  const asked = request.advertiseAddress || options.defaultAdvertise;
  const addresses = chosen(request, asked, options.machine);
  const { request: csr, key } = await makeRequest();
  const call = { token: request.token.trim(), request: csr, availability: request.availability };
  const { joined, rootCa, localAddress } = await untilOneAnswers(remotes, {
    ...{ digest: token.digest, signal: options.signal },
    call: { ...call, address: addresses.advertise && hostOf(addresses.advertise) },
  });
  await options.checkDataPort(joined.dataPathPort ?? usualDataPort);
  const identity: NodeIdentity = {
    ...{ nodeId: joined.nodeId, clusterId: joined.clusterId, role: joined.role, rootCa },
    ...{ listen: addresses.listen, dataPath: addresses.dataPath, managers: joined.managers },
    advertise: addresses.advertise || joinHostPort(localAddress, managerPort),
  };
  const keys = { node: { certificate: joined.certificate, key } };
  await options.files.writeKeys(keys);
  await options.files.writeIdentity(identity);
  return new ActiveMember({ ...options, identity, keys });
}

const placeOf = (text: string): string => {
  const { host, port } = readPlace(text, `invalid remote address: ${text}`);
  return joinHostPort(host, port);
};

/** Without an address that is asked for, it is the one by which the manager is reached. */
function chosen(
  { listenAddress, dataPathAddress }: JoinRequest,
  asked: string,
  machine: HostAddresses,
): { readonly listen: string; readonly advertise: string; readonly dataPath: string } {
  const given = { listen: listenAddress, dataPath: dataPathAddress };
  if (asked !== '') return chooseAddresses({ ...given, advertise: asked }, machine);
  return { ...chooseAddresses({ ...given, advertise: '127.0.0.1' }, localToo(machine)), advertise: '' };
}

const localToo = (machine: HostAddresses): HostAddresses => ({
  ...machine,
  addresses: [...machine.addresses, { link: 0, address: '127.0.0.1/8', scope: 'host' }],
});

async function untilOneAnswers(
  remotes: readonly string[],
  { signal, ...asking }: Parameters<typeof joinBy>[1] & { readonly signal: AbortSignal },
): Promise<JoinOutcome> {
  let pause = firstPause;
  for (;;) {
    for (const remote of remotes) {
      signal.throwIfAborted();
      try {
        return await joinBy(remote, asking);
      } catch (thrown) {
        // it may be on its way
        if (!hasCode(thrown, 'SWARM_UNAVAILABLE', 'SWARM_DEADLINE', 'SWARM_NO_LEADER')) throw thrown;
      }
    }
    // `signal` ends the pause, and its reason is thrown above
    await sleep(pause, undefined, { signal, ref: false }).catch(() => undefined);
    pause = Math.min(longestPause, pause * 2);
  }
}
