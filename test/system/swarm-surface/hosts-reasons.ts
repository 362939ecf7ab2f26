/** Where values on three hosts may differ, and why. */
import { createReasons } from './reasons.ts';

const address = String.raw`10\.0\.\d+\.\d+`;

export const { reasonFor: reasonForHosts, unused: unusedOfHosts } = createReasons([
  { lines: /\.Description\.Engine\.Plugins\[\]/, why: 'other log drivers are built in' },
  {
    lines: new RegExp(
      String.raw`^(docker|seaway) .*(VirtualIPs\[\]\.Addr|Addresses\[\]|IPv4Address|VIP|EndpointIP): "${address}(/24)?"$`,
    ),
    why: 'no address of a network is given to balancers of nodes, and the order in which others are is free',
  },
  {
    lines: /^docker \.Containers\.(lb-\w+|ingress-sbox)\./,
    why: 'virtual addresses are served in the namespaces of containers, without a balancer on each network',
  },
  {
    lines: /^docker (\[\]\.)?NetworksAttachments\[\]\.Network\.|^docker \.Containers\.ID64\./,
    why: 'a published port leads to the task itself, which needs no place on the network ingress',
  },
  {
    lines: /^(docker|seaway) (\[\])?\.?Peers\[\]\./,
    why: 'a peer has the name of its host; the network ingress carries nothing, and has none',
  },
  {
    lines: /^(docker|seaway) (\[\])?\.(Containers|Labels): (null|\{\})$/,
    why: 'the network ingress has no members, as one of which a node has no part',
  },
  { lines: /^seaway \.Status\.IPAM\./, why: 'the use of addresses is told of every network' },
  {
    lines: /^docker \.Services\.\.(VIP|Ports|LocalLBIndex|Tasks)/,
    why: 'a container that is no task is no service without a name',
  },
  { lines: /^(docker|seaway) \.att\.IPAMConfig/, why: 'the address of a container was not asked for' },
  { lines: /^seaway \[\]\.Slot: 3$/, why: 'slots of jobs begin with 1, as those of other services' },
  {
    lines: /^(docker|seaway) \[\]\.Status\.Err: "no suitable node .*/,
    why: 'the constraint that no node meets is named',
  },
  {
    lines:
      /^(docker \[\]\.network connect local\.name: "ingress"|seaway \[\]\.network connect local\.name: "docker_gwbridge")$/,
    why: 'a published port leads to the task by the network that leads out',
  },
  {
    lines: /^(docker|seaway) \.Status\.Message: "(heartbeat failure|node left)"$/,
    why: 'a node that leaves says so',
  },
  {
    lines: /^docker \[\]\.ManagerStatus\.Reachability: "unreachable"$/,
    why: 'without a majority nothing is put on record',
  },
  {
    lines: /^docker \[\]\.DesiredState: "ready"$/,
    why: 'what takes the place of a lost task is to run at once, and in Docker after a while',
  },
]);
