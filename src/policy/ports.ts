/** Ports of rules without overlap: nftables takes no intervals that do. */
import type { PolicyPorts } from '../model/policy.ts';

export function mergePorts(ports: readonly PolicyPorts[]): readonly PolicyPorts[] {
  const sorted = ports.toSorted(
    (a, b) => a.protocol.localeCompare(b.protocol) || a.first - b.first || a.last - b.last,
  );
  const merged: PolicyPorts[] = [];
  for (const one of sorted) {
    const last = merged.at(-1);
    if (last?.protocol === one.protocol && one.first <= last.last + 1)
      merged[merged.length - 1] = { ...last, last: Math.max(last.last, one.last) };
    else merged.push(one);
  }
  return merged;
}
