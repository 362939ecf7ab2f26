/**
 * Deletes tracked flows. A UDP flow that goes on sending keeps its conntrack entry and translation, whatever the
 * rules become, until the entry is deleted.
 */
import { errno } from '../ffi/constants.ts';
import { kernelError } from '../ffi/fault.ts';
import type { FlowMatch, Namespace } from '../kernel.ts';
import { NETLINK_NETFILTER, NetlinkSocket } from '../netlink/socket.ts';
import { deleteFlow, dumpFlows, type FlowKey, flowKey, isFlow } from './conntrack-codec.ts';

/** Deletes all flows whose first packet went to that address and port. None is no error. */
export function forgetFlows(host: Namespace, match: FlowMatch): void {
  // without the sysctl nothing is tracked
  if ((host.readSysctl('net.netfilter.nf_conntrack_count') ?? '0') === '0') return;
  const socket = host.inside(() => new NetlinkSocket(NETLINK_NETFILTER));
  try {
    forget(socket, flowKey(match), `forget flows to ${match.address}:${match.port}/${match.protocol}`);
  } finally {
    socket.close();
  }
}

function forget(socket: NetlinkSocket, key: FlowKey, doing: string): void {
  const flows = socket.dump(dumpFlows(key));
  if (flows.errno !== 0) throw kernelError(doing, flows.errno, flows.extack);
  for (const message of flows.messages.filter((each) => isFlow(each, key))) {
    const answer = socket.request(deleteFlow(message, key));
    // it may have ended by itself
    if (answer.errno !== 0 && answer.errno !== errno.ENOENT) {
      throw kernelError(doing, answer.errno, answer.extack);
    }
  }
}
