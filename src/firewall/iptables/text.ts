/**
 * Rules in the exact text of `iptables-save` (1.8, both variants), so that rules can be compared as text:
 * /32 and /128 are written out, `-m tcp` comes before ports, matches keep the order of their options.
 */

import { fail } from '../../errors.ts';
import { joinHostPort } from '../../net/address.ts';
import type { Family } from '../../net/family.ts';
import { isMatchableLinkName } from '../../net/link-name.ts';
import { once } from '../once.ts';
import type { FlowState, Match, PortSpan, Rule, Test, Verdict } from '../rules.ts';

const stateNames: Readonly<Record<FlowState, string>> = {
  new: 'NEW',
  related: 'RELATED',
  established: 'ESTABLISHED',
  invalid: 'INVALID',
  dnat: 'DNAT',
};

/** A rule without `-A CHAIN `. Throws BUG for link names that would not be one word, or would be a pattern. */
export const iptablesText = (rule: Rule, family: Family): string => texts[family](rule);

const texts = { 4: once((rule: Rule) => textOf(rule, 4)), 6: once((rule: Rule) => textOf(rule, 6)) } as const;

function textOf(rule: Rule, family: Family): string {
  const match = matchText(rule.match, family);
  const verdict = verdictText(rule.verdict);
  return match === '' ? verdict : `${match} ${verdict}`;
}

function matchText(match: Match, family: Family): string {
  const words: string[] = [];
  if (match.from !== undefined) words.push(test('-s', match.from, address));
  if (match.to !== undefined) words.push(test('-d', match.to, address));
  if (match.in !== undefined) words.push(test('-i', match.in, linkName));
  if (match.out !== undefined) words.push(test('-o', match.out, linkName));
  if (match.protocol !== undefined) words.push(protocolText(match, family));
  if (match.state !== undefined) words.push(`-m conntrack ${test('--ctstate', match.state, stateList)}`);
  if (match.toHost) words.push('-m addrtype --dst-type LOCAL');
  if (match.mark) words.push(`-m mark --mark ${markText(match.mark)}`);
  if (match.bridged) words.push('-m physdev --physdev-is-bridged');
  return words.join(' ');
}

function test<T>(option: string, wanted: Test<T>, text: (value: T) => string): string {
  return isNegated(wanted) ? `! ${option} ${text(wanted.not)}` : `${option} ${text(wanted)}`;
}

function isNegated<T>(wanted: Test<T>): wanted is { readonly not: T } {
  return typeof wanted === 'object' && wanted !== null && 'not' in wanted;
}

function address(cidr: string): string {
  if (!/^[0-9a-f.:]+\/[0-9]+$/.test(cidr)) throw fail('BUG', `the firewall was given the address "${cidr}"`);
  return cidr;
}

/** An assertion: drivers refuse such names before a network is made. */
function linkName(name: string): string {
  if (!isMatchableLinkName(name)) throw fail('BUG', `the firewall was given the link name "${name}"`);
  return name;
}

function protocolText(match: Match, family: Family): string {
  const { protocol, sport, dport } = match;
  if (protocol === 'icmp') return icmpText(match.icmp6Type, family);
  const words = [`-p ${protocol}`];
  if (sport !== undefined || dport !== undefined || match.opening) words.push(`-m ${protocol}`);
  if (sport !== undefined) words.push(`--sport ${portText(sport)}`);
  if (dport !== undefined) words.push(`--dport ${portText(dport)}`);
  if (match.opening) words.push('--tcp-flags SYN,RST SYN');
  return words.join(' ');
}

const portText = (port: number | PortSpan): string =>
  typeof port === 'number' ? String(port) : `${port.first}:${port.last}`;

function icmpText(type: number | undefined, family: Family): string {
  if (family === 4) return '-p icmp';
  return type === undefined ? '-p ipv6-icmp' : `-p ipv6-icmp -m icmp6 --icmpv6-type ${type}`;
}

const stateList = (states: readonly FlowState[]): string =>
  states.map((state) => stateNames[state]).join(',');

function markText({ value, mask }: { readonly value: number; readonly mask?: number }): string {
  const hex = (number: number): string => `0x${number.toString(16)}`;
  return mask === undefined || mask === 0xffff_ffff ? hex(value) : `${hex(value)}/${hex(mask)}`;
}

function verdictText(verdict: Verdict): string {
  switch (verdict.act) {
    case 'accept':
      return '-j ACCEPT';
    case 'drop':
      return '-j DROP';
    case 'jump':
      return `-j ${verdict.chain}`;
    case 'masquerade':
      return '-j MASQUERADE';
    case 'snat':
      return `-j SNAT --to-source ${verdict.address}`;
    case 'dnat':
      return `-j DNAT --to-destination ${destination(verdict)}`;
    case 'clampMss':
      return '-j TCPMSS --clamp-mss-to-pmtu';
  }
}

/** A range names the port that its first one stands for, since the kernel would choose among them otherwise. */
function destination({ address, port, span }: Extract<Verdict, { act: 'dnat' }>): string {
  const to = joinHostPort(address, port);
  return span ? `${to}-${span.last}/${span.from}` : to;
}
