/** Where published ports answer otherwise than those of Docker 28.5, and why. A difference without a reason fails. */
import { type Cell, keyOf } from './cells.ts';
import { cellsOf, type Results } from './record.ts';

export interface Reason {
  /** What differs, in a few words. */
  readonly what: string;
  readonly why: string;
  readonly allows: (cell: Cell, words: { readonly docker: string; readonly seaway: string }) => boolean;
}

export const isSilent = (word: string): boolean => word.startsWith('-');

export const reasons: readonly Reason[] = [
  {
    what: 'Neighbours are seen with their own address',
    why: 'The kernel hands their packets on. With Docker they pass a proxy process, and come from the gateway.',
    allows: ({ place }, { docker, seaway }) =>
      place === 'neighbour' && docker === 'gateway' && seaway === 'client',
  },
  {
    what: 'UDP of containers that have IPv4 alone is answered from one IPv6 address of the host',
    why: 'A port on all addresses is passed on by one socket, and the kernel chooses the address that its answers come from. A client that asked by another one of several addresses drops them; a port on a certain address is not concerned.',
    allows: ({ mode, protocol, family }, { seaway }) =>
      !mode.families.includes(6) && protocol === 'udp' && family === 6 && isSilent(seaway),
  },
];

export interface Difference {
  readonly cell: Cell;
  readonly docker: string;
  readonly seaway: string;
  readonly reason?: Reason;
}

export function differences(seaway: Results, docker: Results): readonly Difference[] {
  return cellsOf('docker').flatMap((cell) => {
    const words = { docker: docker.get(keyOf(cell)) ?? '', seaway: seaway.get(keyOf(cell)) ?? '' };
    if (words.docker === words.seaway) return [];
    const reason = reasons.find(({ allows }) => allows(cell, words));
    return [{ cell, ...words, ...(reason && { reason }) }];
  });
}
