/** `docker swarm init`. */
import { fail } from '../../errors.ts';
import { foundSwarm } from '../../manager/founding.ts';
import type { NodeIdentity } from '../../manager/node-files.ts';
import { readUnlockKey } from '../../manager/tokens.ts';
import { usualDataPort } from '../../model/node.ts';
import { wireguardPort } from '../../model/secure-tunnels.ts';
import type { ClusterSpec } from '../../swarm/spec.ts';
import type { InitRequest } from '../swarm-verbs.ts';
import { ActiveMember } from './active-member.ts';
import { chooseAddresses, type HostAddresses, hostOf } from './addresses.ts';
import { checkSpec, fillSpec } from './cluster-spec.ts';
import type { MemberOptions } from './member.ts';

const [firstDataPort, lastDataPort] = [1024, 49_151];
const usualSubnetSize = 24;
/** What a tunnel adds to a packet: VXLAN over IPv4. */
const tunnelBytes = 50;

export interface Initializing extends Omit<MemberOptions, 'identity' | 'keys'> {
  readonly machine: HostAddresses;
  /** Of the link that has the address. */
  readonly mtuOf: (address: string) => number;
  /** `--swarm-default-advertise-addr`. */
  readonly defaultAdvertise: string;
}

export async function initSwarm(request: InitRequest, options: Initializing): Promise<ActiveMember> {
  const addresses = chooseAddresses(
    {
      listen: request.listenAddress,
      advertise: request.advertiseAddress || options.defaultAdvertise,
      dataPath: request.dataPathAddress,
    },
    options.machine,
  );
  const spec = checked(request);
  const address = hostOf(addresses.advertise);
  const founded = await foundSwarm({
    ...{ spec, availability: request.availability, address, advertise: addresses.advertise },
    ...{ addressPools: request.addressPools, subnetSize: request.subnetSize || usualSubnetSize },
    dataPathPort: request.dataPathPort || usualDataPort,
    mtu: options.mtuOf(addresses.dataPath || address) - tunnelBytes,
    now: Date.now(),
  });
  const { nodeId, clusterId, rootCa, keys, unlockKey } = founded;
  const identity: NodeIdentity = {
    ...{ nodeId, clusterId, rootCa, role: 'manager', ...addresses },
    managers: [{ nodeId, address: addresses.advertise }],
  };
  await options.files.writeKeys(keys, readUnlockKey(unlockKey));
  const member = new ActiveMember({ ...options, identity, keys });
  try {
    await member.found(founded.changes);
    // the last: a node that has no identity is in no swarm
    await options.files.writeIdentity(identity);
    return member;
  } catch (thrown) {
    await member.leave();
    throw thrown;
  }
}

/** Throws SWARM_ADDRESS, SWARM_INVALID. */
function checked({ dataPathPort, spec, autoLock }: InitRequest): ClusterSpec {
  if (dataPathPort !== 0 && (dataPathPort < firstDataPort || dataPathPort > lastDataPort))
    throw fail(
      'SWARM_ADDRESS',
      `Datapath port number is not in valid range (${firstDataPort}-${lastDataPort}) : ${dataPathPort}`,
    );
  if (dataPathPort === wireguardPort)
    throw fail(
      'SWARM_ADDRESS',
      `Datapath port number ${dataPathPort} is that of encrypted networks: choose another one`,
    );
  const filled = fillSpec(spec);
  const whole = {
    ...filled,
    EncryptionConfig: { AutoLockManagers: autoLock || filled.EncryptionConfig.AutoLockManagers },
  };
  checkSpec(whole);
  if (whole.CAConfig.SigningCACert)
    throw fail(
      'NOT_SUPPORTED',
      'a root CA of your own at the beginning of a swarm (docker swarm ca --rotate brings it)',
    );
  return whole;
}
