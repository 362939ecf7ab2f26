/**
 * Where Seaway differs from the Docker 20.10 that it is compared with, and why. A reason that allows nothing
 * any more fails the test, as does a wording that is not met any more.
 */
import type { Reason, Wording } from './judge.ts';

const nothing = /^$/;

/** Sentences that Docker 28 (which is followed) words otherwise than the Docker 20.10 that is compared with. */
export const newerWords: readonly Wording[] = [
  [
    /(?<=^|: )failed to create shim task: OCI/,
    'failed to create task for container: failed to create shim task: OCI',
  ],
  [/Range of CPUs is/, 'range of CPUs is'],
  [/Invalid signal: /, 'invalid signal: '],
  [/Unable to find group /, 'unable to find group '],
  [/Invalid IPC mode: /, 'invalid IPC mode: '],
  [
    /invalid restart policy '(\w+)'/,
    "invalid restart policy: unknown policy '$1'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'",
  ],
  [
    /maximum retry count cannot be used with restart policy '\w+'/,
    "invalid restart policy: maximum retry count can only be used with 'on-failure'",
  ],
  [
    /(?<=daemon: )maximum retry count cannot be negative/,
    'invalid restart policy: maximum retry count cannot be negative',
  ],
  [/Invalid isolation: ("\w+") - linux/, 'invalid isolation ($1): linux'],
  [
    /does not match the specified platform: wanted (\S+), actual: /,
    'does not provide the specified platform ($1): it is for ',
  ],
  [/shares: invalid argument/, 'invalid CPU shares (-1): value must be a positive integer'],
  [/(?<=for cpuset cpus): invalid format: x/, ''],
];

/** Because Docker 28 is followed, and not the Docker 20.10 that is compared with. */
export const newerDocker: readonly Reason[] = [
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
    why: 'The loopback interface has IPv6, as in Docker since 27.',
    place: /^out\.sysctls$/,
    docker: /^$|disable_ipv6 1$/,
    seaway: /^$|disable_ipv6 0$/,
  },
  {
    why: 'Docker 28 writes down the network that `default` stands for.',
    place: /^inspect\.HostConfig\.NetworkMode$/,
    docker: /^"default"$/,
    seaway: /^"bridge"$/,
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
    why: "Addresses are judged when the container is created, and in Docker 28's words.",
    place: /^(stderr|container)$/,
    rows: /--ip (1\.2\.3\.4|172\.17\.0\.200|10\.99\.0\.1|nonsense)/,
  },
  {
    why: 'What no start could grant is refused when the container is created, as Docker 28 does, and without a prefix.',
    place: /^(stderr|container)$/,
    rows: /--ipc nonsense|--log-opt max-|--tmpfs \/x:nonsense|--cpu-shares -1/,
  },
  {
    why: "Before API 1.45 the container's short id is among its aliases; of a network that is not there, too.",
    place: /^inspect\.NetworkSettings\.Networks\.nonsense\.Aliases$/,
  },
];

/** Because it is better, or not possible, here. */
export const seawaysOwn: readonly Reason[] = [
  {
    why: "Layers and roots lie in other folders than dockerd's, and the log has another name.",
    place: /^inspect\.(GraphDriver\.Data\.\w+|LogPath)$/,
  },
  {
    why: 'A sandbox is gone with the process; the record names none that is not there.',
    place: /^inspect\.NetworkSettings\.Sandbox(ID|Key)$/,
    seaway: /^""$/,
  },
  {
    why: 'A MAC address that was drawn is kept for the next start as if it had been asked for.',
    place: /^inspect\.Config\.MacAddress$/,
    docker: nothing,
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
    why: 'A network that is there has its id in the record also after a start that failed.',
    place: /^inspect\.NetworkSettings\.Networks\.rows-net\.NetworkID$/,
    docker: /^""$/,
  },
  {
    why: 'What was asked is given back, also where the start failed.',
    place: /^inspect\.HostConfig\.Links$/,
    rows: /--link donor: /,
  },
];
