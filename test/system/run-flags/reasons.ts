/**
 * Where Seaway differs from the Docker that it is compared with, and why. A reason that allows nothing
 * any more fails the test, as does a wording that is not met any more.
 */
import { newer, type Reason, type Wording } from './judge.ts';

const nothing = /^$/;

/** Sentences that Dockers word otherwise. */
export const words: readonly Wording[] = [
  newer(/Range of CPUs is/, 'range of CPUs is'),
  newer(/Unable to find group /, 'unable to find group '),
  newer(/Invalid isolation: "(\w+)" - linux/, 'invalid isolation ($1): linux'),
  { from: /(OCI runtime create failed: .*)(?<!: unknown)$/m, to: '$1: unknown', beside: 'followed' },
  newer(/shares: invalid argument/, 'invalid CPU shares (-1): value must be a positive integer'),
  newer(
    /does not match the specified platform: wanted (\S+), actual: (\S+)/,
    'its platform ($2) does not match the specified platform ($1)',
  ),
  newer(
    /^(docker: Error response from daemon: )?(?=network nonsense not found|Address already in use)/,
    '$1failed to set up container networking: ',
  ),
  newer(
    /cannot join network of a non running container: \S+/,
    'cannot join network namespace of a non running container: container stopped is created',
  ),
];

/** Because Docker 28 is followed, and the Docker that is compared with is older. */
const oldWays: readonly Reason[] = [
  {
    why: 'Docker 28 shows the id of a network only once the container has been on it.',
    place: /^inspect\.NetworkSettings\.Networks\.[\w-]+\.NetworkID$/,
    seaway: /^""$/,
  },
  {
    why: "Docker 28's words for a container whose network is to be joined and that is not there.",
    place: /^(stderr|inspect\.State\.Error)$/,
    rows: /--network container:nothing/,
  },
  {
    why: 'Docker 28 hides /proc/interrupts and /sys/devices/virtual/powercap, too.',
    place: /^(out\.mounts|inspect\.HostConfig\.MaskedPaths)$/,
    seaway: /powercap|\/proc\/interrupts/,
  },
  {
    why: 'The kernel has capabilities of which Docker 20.10 does not know.',
    place: /^out\.identity$/,
    rows: /--privileged|--cap-add ALL/,
    allCapabilities: true,
  },
  {
    why: 'Fields that Docker 28 has no more (KernelMemory) or has in addition.',
    place: /\.(KernelMemory|KernelMemoryTCP|GwPriority|DNSNames)$/,
  },
  {
    why: 'A client of API 1.41 refuses the flag itself, or warns of it.',
    place: /^(status|stderr)$/,
    rows: /--annotation|mac-address|--kernel-memory/,
  },
  {
    why: 'What no start could grant is refused when the container is created, as Docker 28 does, and without a prefix.',
    place: /^(stderr|container)$/,
    rows: /--ipc nonsense|--log-opt max-|--tmpfs \/x:nonsense|--cpu-shares -1/,
  },
];

export const newerDocker = oldWays.map((reason): Reason => ({ ...reason, beside: 'older' }));

/** Because it is better, or not possible, here. */
export const seawaysOwn: readonly Reason[] = [
  {
    why: 'What no start could grant is refused when the container is created.',
    place: /^(stderr|container)$/,
    rows: /--log-opt max-|--tmpfs \/x:nonsense/,
    beside: 'followed',
  },
  {
    why: 'A MAC address for the network of another container is refused, not ignored.',
    place: /^(status|stderr)$/,
    rows: /--network container:donor --mac-address/,
    beside: 'followed',
  },
  {
    why: 'Files of a container are there once its network is.',
    place: /^inspect\.(Hosts|Hostname|ResolvConf)Path$/,
    seaway: /^""$/,
    beside: 'followed',
  },
  {
    why: 'Names are shown while they can be asked for.',
    place: /^inspect\.NetworkSettings\.Networks\.[\w-]+\.DNSNames$/,
    seaway: /^null$/,
    beside: 'followed',
  },
  {
    why: "Layers and roots lie in other folders than dockerd's, and the log has another name.",
    place: /^inspect\.(GraphDriver\.Data\.\w+|LogPath)$/,
  },
  {
    why: 'A sandbox is gone with the process; the record names none that is not there.',
    place: /^inspect\.NetworkSettings\.Sandbox(ID|Key)$/,
    seaway: /^""$/,
    beside: 'older',
  },
  {
    why: 'The host is known by name in every container; outside of networks of the user its file of hosts says so.',
    place: /^out\.files$/,
    docker: nothing,
    seaway: /\thost\.docker\.internal gateway\.docker\.internal$/,
  },
  {
    why: "Docker 20.10 does not know the kernel's weights, which are those of BFQ; here they count.",
    place: /^(status|stderr|container|out\.cgroups|inspect\.HostConfig\.BlkioWeight)$/,
    rows: /--blkio-weight \d/,
  },
  {
    why: 'Not supported, and refused by name: weights of single devices, sizes of roots, GPUs, other runtimes, volume subpaths, mounts of images and of Windows pipes.',
    place: /^(status|stderr|container)$/,
    rows: /--blkio-weight-device|--storage-opt|--gpus|--runtime nonsense|volume-subpath|type=(image|npipe)/,
    seaway: /is not supported by seaway$|^125$|^false$|^Run 'docker run --help'|^$/,
  },
  {
    why: 'A path of Windows is no place in a Linux container: it is refused, and not made a name below the root.',
    place: /^(status|stderr)$/,
    rows: /^-v [xX]:\/data/,
  },
  {
    why: 'Sysctls of the network are set by the engine before there is a process; a wrong one stops the start earlier.',
    place: /^(stderr|inspect\.State\.Error|inspect\.(Hosts|Hostname|ResolvConf)Path)$/,
    rows: /--sysctl net\.ipv4\.ip_forward=/,
  },
  {
    why: 'resolv.conf has what programs read, and no comments on where it is from.',
    place: /^out\.files$/,
    docker: /^(#.*)?$/,
    seaway: nothing,
  },
  {
    why: 'What was asked is given back, also where the start failed.',
    place: /^inspect\.HostConfig\.Links$/,
    rows: /--link donor: /,
  },
];
