/**
 * Where Seaway differs from the Docker that it is compared with, and why. A reason allows a difference by its
 * place and by what is there. One that allows nothing any more fails the test.
 */
import { newerDocker } from './newer-docker.ts';
import type { Difference } from './normalise.ts';
import { besides, nothing, type Reason, said, sameButHostNames, sameSettings } from './reason.ts';

/** Where Seaway differs from any Docker. */
export const seawaysOwn: readonly Reason[] = [
  {
    what: 'MAC addresses are drawn',
    why: 'As in Docker 28: no two engines draw the same.',
    place: /(\.address|\.MacAddress)$/,
    docker: /^"[0-9a-f][26ae]:/,
    seaway: /^"[0-9a-f][26ae]:/,
  },
  {
    what: 'Bridges without IPv6 have no IPv6 address',
    why: 'Docker leaves them the link-local address that the kernel gives, by which containers reach the host.',
    place: /^networks\..*\.addresses\.fe80::/,
    seaway: nothing,
  },
  {
    what: 'The default bridge has only the addresses that its settings want',
    why: 'Docker leaves an address of earlier settings on it.',
    place: /^networks\.bridge\.addresses\./,
    seaway: nothing,
  },
  {
    what: 'resolv.conf has no comments',
    why: 'It has what programs read.',
    place: /\/etc\/resolv\.conf$/,
    agree: sameSettings,
  },
  {
    what: 'Lists that are empty are null',
    why: 'Names of a container are shown while it runs; aliases, if there are any.',
    place: /\.(Aliases|DNSNames)$/,
    seaway: /^null$/,
  },
  {
    what: 'The network that a container is created on has its first interface',
    why: 'Docker orders the default bridge and others by chance.',
    place: /^containers\.multi2\.(addr\.|route\.|\/etc\/hosts)/,
    beside: 'followed',
  },
  {
    what: 'An internal macvlan network keeps the address of its gateway free',
    why: 'So a gateway can be given to it later without a clash.',
    place: /^(networks|containers)\.mac-inner/,
    docker: /10\.20\.5\.|^$/,
    seaway: /10\.20\.5\.|^$/,
    beside: 'followed',
  },
  {
    what: 'The default bridge shows no range that is its whole subnet',
    why: 'It was not asked for.',
    place: /^networks\.bridge\.inspect\.IPAM\.Config\..*\.IPRange$/,
    seaway: nothing,
    beside: 'followed',
  },
  {
    what: '`NetworkSettings.Bridge` is empty',
    why: 'It is deprecated; the name of the bridge is in its network.',
    place: /\.NetworkSettings\.Bridge$/,
    seaway: /^""$/,
  },
  {
    what: 'Routes say who made them',
    why: 'Routing protocol number 94 marks what is ours in the kernel, so that nothing else is ever removed.',
    place: /\.route6?\..*\.protocol$/,
    docker: nothing,
    seaway: /^"94"$/,
  },
  {
    what: 'Links have the usual length of queue',
    why: "The kernel's default of 1000 instead of 0: a queueing discipline that somebody adds has a queue.",
    place: /\.txqlen$/,
    docker: nothing,
    seaway: /^1000$/,
  },
  {
    what: 'Ports of a bridge send back where it came from',
    why: 'There is no proxy process per published port; the kernel does its work, also for a container that uses its own published port. Docker does the same with `--userland-proxy=false`.',
    place: /\.info_slave_data\.hairpin$/,
    docker: /^false$/,
    seaway: /^true$/,
  },
  {
    what: '`host.docker.internal` and `gateway.docker.internal` are in /etc/hosts',
    why: 'Every container reaches its host by name, without a flag. It can be switched off.',
    place: /\/etc\/hosts$/,
    agree: sameButHostNames,
  },
  {
    what: 'Containers do not listen to IPv6 routers',
    why: 'Addresses and routes are those that the network gives; nobody on it can add to them by router advertisements.',
    place: /\.sysctl\.ipv6\.conf\.\w+\.accept_ra$/,
    docker: /^"1"$/,
    seaway: /^"0"$/,
  },
  {
    what: 'Inspect always shows the gateway',
    why: 'Docker leaves it out where only the subnet was given, or until a restart.',
    place: /\.IPAM\.Config\..*\.Gateway$/,
    docker: nothing,
  },
  {
    beside: 'older',
    what: 'IPv6 addresses of bridges can be used at once',
    why: 'The kernel does not first look for another owner of the address (`nodad`): the engine knows that there is none.',
    place: /^networks\..*\.addresses\..*\.nodad$/,
    docker: nothing,
    seaway: /^true$/,
  },
  {
    what: 'Empty `IPAMConfig` and `DriverOpts` are null',
    why: 'Whether a client has sent nothing or an empty object is not kept.',
    place: /\.(IPAMConfig|DriverOpts)$/,
    docker: /^\{\}$/,
    seaway: /^null$/,
  },
  {
    what: "A container's own addresses stay in /etc/hosts when another network is left",
    why: 'Docker 26 takes all of them out.',
    place: /\/etc\/hosts$/,
    agree: besides(/\t<(multi1|sub1)>$/),
    beside: 'older',
  },
  {
    beside: 'older',
    what: 'An interface takes the first name that is free',
    why: 'So it has its name again when a network is left and joined. Docker counts on.',
    place: /^containers\.again1\.(link|addr|route6?|sysctl)\./,
  },
  {
    what: '`network ls --filter dangling` knows who is used',
    why: 'Docker 20.10 takes every network for unused there, as lists are without containers.',
    place: /^commands\.network ls --filter dangling=(true|false) /,
  },
  {
    what: 'Networks have no blanks in their names',
    why: 'A name with blanks can hardly be given to a command or a Compose file.',
    place: /^commands\.network create 'with space'\./,
  },
  {
    what: 'A bridge has several subnets per family, and subnets of two addresses or one',
    why: 'Docker 20.10 refuses them.',
    place: /^commands\.network create (--subnet \S+ --subnet|--subnet \S+\/3[12]) /,
    docker: /^1$|^\[""\]$|multiple subnets|No available addresses/,
  },
  {
    what: 'An unknown scope is refused',
    why: 'Docker makes a network of a scope that nobody knows.',
    place: /^commands\.network create --scope odd /,
  },
  {
    what: 'Names of bridges that cannot be, and unknown scopes, are told as such',
    why: 'Docker speaks of the id of a network that will never be, of numbers out of range, and of Swarm.',
    place: said,
    seaway: /networks have same bridge name|invalid bridge name|invalid scope/,
  },
  {
    what: 'Link-local addresses have the scope of the link',
    why: 'They are never taken as source of what leaves it (RFC 3927).',
    place: /\.addr_info\.169\.254\..*\.scope$/,
    docker: /"global"/,
    seaway: /"link"/,
  },
  {
    what: 'Ports that are left open are drawn, not counted',
    why: "From the kernel's range for that (`net.ipv4.ip_local_port_range`), like Docker's.",
    place: /\.Ports\..*\.HostPort$/,
    docker: /^"327\d\d"$/,
  },
  {
    beside: 'older',
    what: 'Who is stopped shows no sandbox',
    why: 'There is none any more.',
    place: /\.SandboxKey$/,
    seaway: /^""$/,
  },
  {
    what: 'A sysctl of the network is refused on the network of the host by the engine',
    why: 'Docker leaves it to the OCI runtime, with the same result.',
    place: said,
    docker: /not allowed in host network namespace/,
    seaway: /not allowed in host network namespace/,
  },
];

export const reasons: readonly Reason[] = [
  ...newerDocker.map((reason): Reason => ({ ...reason, beside: 'older' })),
  ...seawaysOwn,
];

export const reasonFor = (
  { place, docker, seaway }: Difference,
  among: readonly Reason[],
): Reason | undefined =>
  among.find(
    (reason) =>
      reason.place.test(place) &&
      (reason.docker?.test(docker) ?? true) &&
      (reason.seaway?.test(seaway) ?? true) &&
      (reason.agree?.(docker, seaway) ?? true),
  );
