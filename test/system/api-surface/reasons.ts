/** Where shapes may differ, and why. Each is a pattern of lines of `differencesOf`. */

import { type Beside, isExpected } from '../docker-peer.ts';

interface Reason {
  readonly lines: RegExp;
  readonly why: string;
  readonly beside?: Beside;
}

const reason = (lines: RegExp, why: string, beside?: Beside): Reason => ({
  lines,
  why,
  ...(beside && { beside }),
});

const all: readonly Reason[] = [
  reason(/^docker \.KernelMemory/, 'kernels limit no memory of their own any more'),
  reason(/^docker \.ContainerConfig\./, 'images do not tell of the container that they were made of'),
  reason(/^seaway \.DefaultAddressPools/, 'the pools are shown also where they are the usual ones'),
  reason(
    /^docker \.((?:Containerd|Init)Commit\.Expected|ExecutionDriver)/,
    'Docker 28 shows it no more',
    'older',
  ),
  reason(/^seaway .*\.(EnableIPv4|GwPriority): /, 'Docker 28 shows it to every version', 'older'),
  reason(/HostConfig\.OomKillDisable: (boolean|null)/, 'what was not asked for is null'),
  reason(
    /HostConfig\.(Blkio\w+|Devices|Dns\w*|Ulimits|PortBindings): (null|\[\]|\{\})$/,
    'lists and maps that were not asked for are empty, as if by the docker CLI',
  ),
  reason(/GraphDriver\.Data/, 'layers of an image are not mounted by themselves'),
  reason(/^docker \.Runtimes\.io\.containerd|^docker \.Containerd\./, 'there is no containerd'),
  reason(/^docker \.Runtimes\.runc\.status/, 'what runc can do is not asked of it'),
  reason(
    /^(docker \.CDISpecDirs\[\]|seaway \.CDISpecDirs: \[\]$)/,
    'devices of CDI are refused by name',
    'followed',
  ),
  reason(/^seaway \.Components\[\]\.Details: \{\}/, 'runc and conmon have no details'),
  reason(/^seaway \.memory_stats\.stats\./, 'all that the kernel counts, in newer kernels too'),
  reason(/^seaway \.(name|id): string$/, 'stats say whose they are with `one-shot` too'),
];
const reasons = all.filter(isExpected);

export const reasonFor = (difference: string): string | undefined =>
  reasons.find(({ lines }) => lines.test(difference))?.why;

/** Reasons that no difference had: they are out of date. */
export const unused = (differences: readonly string[]): readonly string[] =>
  reasons.filter(({ lines }) => !differences.some((line) => lines.test(line))).map(({ why }) => why);
