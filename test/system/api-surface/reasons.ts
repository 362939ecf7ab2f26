/** Where shapes may differ, and why. Each is a pattern of lines of `differencesOf`. */

const reasons: readonly (readonly [RegExp, string])[] = [
  [/^seaway .*\.(GwPriority|DNSNames)/, 'fields of newer versions, which Docker shows to older ones too'],
  [/^seaway \.(CDISpecDirs|DefaultAddressPools)/, 'fields of newer versions'],
  [
    /^seaway .*IPAM\.Config\[\]\.Gateway/,
    'newer versions show the gateway of the default bridge before it is used',
  ],
  [
    /^docker \.(HostConfig\.)?KernelMemory/,
    'limits of kernel memory are gone from kernels and newer versions',
  ],
  [
    /^docker \.(Container: |ContainerConfig\.)/,
    'newer versions show nothing of the container that an image is of',
  ],
  [/^docker \.Error: null/, 'newer versions leave the error of a wait out when there is none'],
  [/HostConfig\.OomKillDisable: (boolean|null)/, 'what was not asked for is null'],
  [
    /HostConfig\.(Blkio\w+|Devices|Dns\w*|Ulimits|PortBindings): (null|\[\]|\{\})$/,
    'lists and maps that were not asked for are empty, as if by the docker CLI',
  ],
  [/IPAM\.Options: (null|\{\})$/, 'options that were not asked for are empty, as if by the docker CLI'],
  [/RepoDigests: (null|\[\])$/, 'an image without digests has an empty list'],
  [/\.BuildCache: (null|\[\])$/, 'there is no build cache'],
  [/GraphDriver\.Data/, 'layers of an image are not mounted by themselves'],
  [/^docker \.Runtimes\.io\.containerd/, 'there is no containerd'],
  [/^seaway \.Components\[\]\.Details: \{\}/, 'runc and conmon have no details'],
  [/^seaway \.Config\.MacAddress/, 'the MAC address is kept once it is chosen'],
  [/^seaway \.HostConfig\.Runtime/, 'the runtime is known before the first start'],
  [/^seaway \.memory_stats\.stats\./, 'all that the kernel counts, in newer kernels too'],
];

export const reasonFor = (difference: string): string | undefined =>
  reasons.find(([pattern]) => pattern.test(difference))?.[1];

/** Reasons that no difference had: they are out of date. */
export const unused = (differences: readonly string[]): readonly string[] =>
  reasons.filter(([pattern]) => !differences.some((line) => pattern.test(line))).map(([, why]) => why);
