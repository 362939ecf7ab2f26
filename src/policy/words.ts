/** Policies in words, as documents have them. */
import type { PolicyPorts, Remote, Selector } from '../model/policy.ts';

export function selectorWords({ container, label, network }: Selector): string {
  const parts = [
    ...(container === undefined ? [] : [container]),
    ...(label === undefined
      ? []
      : [`label:${label.name}${label.value === undefined ? '' : `=${label.value}`}`]),
    ...(network === undefined ? [] : [`network:${network}`]),
  ];
  return parts.join(' ') || 'any';
}

export function remoteWords(remote: Remote): string {
  if (remote.kind === 'containers') return selectorWords(remote.selector);
  if (remote.kind === 'addresses') return remote.block.replace(/(?<=\..*)\/32$|(?<=:.*)\/128$/, '');
  return remote.kind === 'name' ? remote.pattern : remote.kind;
}

export function portWords({ protocol, first, last }: PolicyPorts): string {
  if (protocol === 'icmp') return protocol;
  if (first === 0) return `*/${protocol}`;
  return `${first === last ? first : `${first}-${last}`}/${protocol}`;
}
