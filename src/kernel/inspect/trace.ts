/** Follows a packet through the rules of a namespace by nftables' trace, which knows the rules of iptables-nft as well. */
import { messageOf } from '../../errors.ts';
import { isMatchableLinkName } from '../../net/link-name.ts';
import { MSG_DONTWAIT, SO_RCVBUFFORCE, SOL_SOCKET } from '../ffi/constants.ts';
import * as libc from '../ffi/libc.ts';
import type { Namespace } from '../kernel.ts';
import { messagesOf } from '../netlink/message.ts';
import { NETLINK_NETFILTER, openNetlink, setOption } from '../netlink/socket.ts';
import { type PacketHeader, type Trace, type TraceOptions, type TraceStep, tracePrefix } from './contract.ts';
import { decodeStep, hooks, isNeighbourly, type RawStep } from './trace-codec.ts';
import { arpTraceTable, bridgeTraceTable, linkTraceTable, stopped, traceTable } from './trace-table.ts';

/** NFNLGRP_NFTRACE is group 9. */
const TRACE_GROUP = 1 << 8;
const RECEIVE_BUFFER = 4 * 1024 * 1024;
/** Steps that are read at most: a flow that is not the probe's must not hold up the engine. */
const most = 2000;

let traces = 0;

const looked = new WeakSet<Namespace>();

/** Throws KERNEL where the kernel has no nftables. */
export function openTrace(namespace: Namespace, options: TraceOptions): Trace {
  if (!looked.has(namespace)) removeForgottenTraces(namespace);
  looked.add(namespace);
  traces += 1;
  const name = `${tracePrefix}${process.pid}-${traces}`;
  const fd = namespace.inside(() => openNetlink(NETLINK_NETFILTER, { groups: TRACE_GROUP }));
  setOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER);
  const families = ['inet'];
  try {
    namespace.nft(traceTable(name, options));
    families.push(...addOptionals(namespace, optionalTables(name, options)));
  } catch (error) {
    libc.close(fd);
    for (const family of ['inet', 'bridge', 'arp', 'netdev']) tryRemove(namespace, { family, name });
    throw error;
  }
  const steps: TraceStep[] = [];
  const names = new Map<number, string>();
  const linkName = (index: number): string => {
    if (index === 0) return '';
    const known = names.get(index) ?? namespace.route.findLinkByIndex(index)?.name ?? '';
    names.set(index, known);
    return known;
  };
  const headers = new Map<number, PacketHeader>();
  const named = ({ in: from, out: to, ...step }: RawStep): TraceStep => {
    if (step.header) headers.set(step.packet, step.header);
    const header = step.header ?? headers.get(step.packet);
    const passed = step.table === name ? hooks[step.chain] : undefined;
    return {
      ...{ ...step, from: linkName(from), to: linkName(to) },
      ...(header && { header }),
      ...(passed && { passed }),
      ...(isNeighbourly(step.family, header) && { isNeighbour: true }),
      ...(step.table === name && step.chain === stopped && step.verdict === 'drop' && { stopped: true }),
    };
  };
  return {
    read: () => {
      if (steps.length < most) steps.push(...takeSteps(fd).map(named));
      return steps;
    },
    close: () => {
      libc.close(fd);
      removeTables(namespace, { families, name });
    },
  };
}

/** A program in the namespace may have deleted them already. */
const removeTables = (
  namespace: Namespace,
  { families, name }: { readonly families: readonly string[]; readonly name: string },
): string =>
  namespace.nft(
    families.map((family) => `add table ${family} ${name}\ndelete table ${family} ${name}`).join('\n'),
  );

/** After a failure: the kernel may lack the family, and the failure itself is what counts. */
function tryRemove(
  namespace: Namespace,
  { family, name }: { readonly family: string; readonly name: string },
): void {
  try {
    removeTables(namespace, { families: [family], name });
  } catch {
    // there is none of that family
  }
}

/** Removes tables of traces of engines that were killed meanwhile; those of this process stay. */
function removeForgottenTraces(namespace: Namespace): void {
  const tables = namespace.nft('list tables');
  const names = Array.from(tables.matchAll(/^table (\S+) (seaway-trace-(\d+)-\d+)$/gm));
  const forgotten = names.filter(([, , , pid]) => Number(pid) !== process.pid);
  if (forgotten.length > 0)
    namespace.nft(forgotten.map(([, family, name]) => `delete table ${family} ${name}`).join('\n'));
}

/** Tables of families that a kernel may lack. */
function optionalTables(name: string, options: TraceOptions) {
  const { deep } = options;
  const tables = [{ family: 'bridge', text: bridgeTraceTable(name, options) }];
  if (!deep) return tables;
  const ofLinks = deep.links.filter(isMatchableLinkName).map((link, number) => ({
    ...{ family: 'netdev', text: linkTraceTable(name, { ...options, link, number }) },
  }));
  return [...tables, { family: 'arp', text: arpTraceTable(name) }, ...ofLinks];
}

/** All in one transaction, or each that the kernel and the links allow; the families that have a table now. */
function addOptionals(
  namespace: Namespace,
  tables: readonly { readonly family: string; readonly text: string }[],
): readonly string[] {
  const together = tables.map(({ text }) => text).join('\n');
  const added = addOptional(namespace, together)
    ? tables
    : tables.filter(({ text }) => addOptional(namespace, text));
  return [...new Set(added.map(({ family }) => family))];
}

/** False where the kernel does not filter that family, or the link is gone. */
function addOptional(namespace: Namespace, table: string): boolean {
  try {
    namespace.nft(table);
    return true;
  } catch (error) {
    if (/not supported|No such file|No such device|EOPNOTSUPP/.test(messageOf(error))) return false;
    throw error;
  }
}

const buffer = new Uint8Array(64 * 1024);

function takeSteps(fd: number): readonly RawStep[] {
  const steps: RawStep[] = [];
  while (steps.length < most) {
    const length = libc.recv(fd, buffer, buffer.length, MSG_DONTWAIT);
    if (length < 0) return steps;
    for (const message of messagesOf(buffer.slice(0, length))) {
      const step = decodeStep(message);
      if (step) steps.push(step);
    }
  }
  return steps;
}
