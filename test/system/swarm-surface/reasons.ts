/** Where values may differ, and why. Each is a pattern of lines of `differencesOf`. */

interface Reason {
  readonly lines: RegExp;
  readonly why: string;
}

const reasons: readonly Reason[] = [
  { lines: /^(docker|seaway) \[\]\.Description\.Engine\.Plugins\[\]/, why: 'other log drivers are built in' },
  {
    lines: /^(docker|seaway) .*(VirtualIPs\[\]\.Addr|Addresses\[\]|IPv4Address): "10\.0\.\d+\.\d+\/24"$/,
    why: 'no address of a network is given to balancers of nodes, and the order in which others are is free',
  },
  {
    lines: /^(docker \.Endpoint\.(Spec\.Mode|VirtualIPs\[\]\.NetworkID): |seaway \.Endpoint\.Spec: \{\})/,
    why: 'a service on the network of its hosts alone has no virtual address',
  },
  { lines: /^seaway \[\]\.Slot: 3$/, why: 'slots of jobs begin with 1, as those of other services' },
];

export interface Reasons {
  readonly reasonFor: (difference: string) => string | undefined;
  /** Reasons that no difference had: they are out of date. */
  readonly unused: (differences: readonly string[]) => readonly string[];
}

export const createReasons = (list: readonly Reason[]): Reasons => ({
  reasonFor: (difference) => list.find(({ lines }) => lines.test(difference))?.why,
  unused: (differences) =>
    list.filter(({ lines }) => !differences.some((line) => lines.test(line))).map(({ why }) => why),
});

export const { reasonFor, unused } = createReasons(reasons);
