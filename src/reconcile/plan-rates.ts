/** Limits of an endpoint's rates, on the ends of its link. Pure. */
import type { Endpoint } from '../model/endpoint.ts';
import type { KernelObject, LinkObject, QdiscObject } from '../objects/object.ts';
import { endpointOwner } from '../objects/owner.ts';

/** Bytes of an Ethernet header: limits count it, but rates are those of IP packets. */
const header = 14;
const usualMtu = 1500;
/** What may be sent at once, and what may wait, in seconds; a packet fits in any case. */
const burstTime = 0.01;
const waitTime = 0.1;

/** On the endpoint's link among these objects. What it sends is limited inside, what it gets on the host's end. */
export function planRates(
  { id, rates }: Pick<Endpoint, 'id' | 'rates'>,
  objects: readonly KernelObject[],
): readonly QdiscObject[] {
  const owner = endpointOwner(id);
  const link = objects.find(
    (object): object is LinkObject => object.kind === 'link' && object.owner.startsWith(owner),
  );
  if (!rates || !link) return [];
  const inner =
    link.type === 'veth' ? { ns: link.peer.ns, link: link.peer.name } : { ns: link.ns, link: link.name };
  const mtu = link.mtu || usualMtu;
  return [
    ...(rates.egress === undefined ? [] : [{ ...inner, ...shape(rates.egress, mtu) }]),
    ...(rates.ingress === undefined || link.type !== 'veth'
      ? []
      : [{ ns: link.ns, link: link.name, ...shape(rates.ingress, mtu) }]),
  ];
}

function shape(bits: number, mtu: number): Pick<QdiscObject, 'kind' | 'rate' | 'burst' | 'limit'> {
  const rate = Math.round((bits / 8) * (1 + header / mtu));
  const burst = Math.max(Math.round(rate * burstTime), 2 * (mtu + header));
  return { kind: 'qdisc', rate, burst, limit: burst + Math.round(rate * waitTime) };
}
