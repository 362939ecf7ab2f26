/** Tasks (Docker Engine API 1.50: swarm.Task). */
import type { Network } from '../../model/network.ts';
import type { SwarmNetwork, SwarmTask, TaskAttachment, TaskStatus } from '../../swarm/records.ts';
import { omitEmpty } from '../create/omit-empty.ts';
import { askedOptions, chosenOptions } from './overlay-options.ts';
import { presentIteration, presentTaskSpec } from './service.ts';
import { presentMeta } from './swarm.ts';

/** `network` finds the networks of its attachments. */
export function presentTask(task: SwarmTask, network: (id: string) => SwarmNetwork | undefined): object {
  const { spec, jobIteration } = task;
  const { Runtime: _runtime, ...shown } = spec;
  return {
    ...presentMeta(task),
    Labels: {},
    Spec: presentTaskSpec(shown),
    ...omitEmpty({ ServiceID: task.serviceId, Slot: task.slot, NodeID: task.nodeId }),
    Status: presentStatus(task.status),
    DesiredState: task.desiredState,
    ...omitEmpty({
      NetworksAttachments: task.attachments.map((each) => presentAttachment(each, network(each.networkId))),
    }),
    ...(jobIteration !== undefined && { JobIteration: presentIteration(jobIteration) }),
    // of cluster volumes, which there are none of
    Volumes: null,
  };
}

function presentStatus({ timestamp, state, message, error, container, ports = [] }: TaskStatus): object {
  return {
    ...{ Timestamp: timestamp, State: state },
    ...omitEmpty({ Message: message, Err: error }),
    ...(container && {
      ContainerStatus: { ContainerID: container.id, PID: container.pid, ExitCode: container.exitCode },
    }),
    PortStatus: omitEmpty({ Ports: ports }),
  };
}

const presentAttachment = (attachment: TaskAttachment, network: SwarmNetwork | undefined): object => ({
  Network: network ? presentRecord(network) : { ID: attachment.networkId },
  ...omitEmpty({ Addresses: attachment.addresses }),
});

/** A network as a manager's record of it: what was asked, and what was chosen. */
function presentRecord(record: SwarmNetwork): object {
  const { network } = record;
  const isOwn = network.overlay !== undefined;
  const pools = network.ipam.pools.map(({ subnet, ipRange, gateway }) =>
    omitEmpty({ Subnet: subnet, Range: ipRange, Gateway: gateway }),
  );
  return {
    ...presentMeta(record),
    Spec: presentAsked(network),
    DriverState: {
      Name: network.driver,
      ...omitEmpty({ Options: chosenOptions(network) }),
    },
    IPAMOptions: {
      Driver: isOwn ? { Name: network.ipam.driver || 'default' } : {},
      ...omitEmpty({ Configs: pools }),
    },
  };
}

/** With what was chosen for the pools that were asked for, as Docker completes them. */
function presentAsked(network: Network): object {
  const { name, labels, driver, ipam, internal, attachable, ingress, enableIPv6 } = network;
  const asked = askedOptions(network);
  const sent = (ipam.sent?.length ? ipam.pools : []).map(({ subnet, ipRange, gateway }) =>
    omitEmpty({ Subnet: subnet, Range: ipRange, Gateway: gateway }),
  );
  return {
    ...{ Name: name, Labels: labels },
    DriverConfiguration: ingress ? {} : { Name: driver, ...omitEmpty({ Options: asked }) },
    ...omitEmpty({ IPv6Enabled: enableIPv6, Internal: internal, Attachable: attachable, Ingress: ingress }),
    ...(network.overlay && {
      IPAMOptions: {
        Driver: ingress ? {} : { Name: ipam.driver || 'default' },
        ...omitEmpty({ Configs: sent }),
      },
    }),
    Scope: 'swarm',
  };
}
