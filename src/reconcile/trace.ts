/** Actions as lines of `k=v`, for logs, tests and error messages. Pure. */
import type { Difference } from '../objects/kind.ts';
import { type NamespaceRef, parseNamespace } from '../objects/namespace-ref.ts';
import { printObject } from '../objects/print.ts';
import { type Action, keyOfObject } from './diff.ts';

const quoted = (value: string): string => (/^[^\s"=]+$/.test(value) ? value : JSON.stringify(value));

function short(ns: NamespaceRef): string {
  const parsed = parseNamespace(ns);
  if (parsed.of === 'host') return ns;
  return parsed.of === 'sandbox' ? parsed.id.slice(0, 12) : `network:${parsed.id.slice(0, 12)}`;
}

/** `act=change kind=link ns=host key=br-1f mtu=1500->1400`. */
export function traceAction(action: Action): string {
  const subject = 'object' in action ? action.object : action.observed;
  const [, , ...name] = keyOfObject(subject).split('/');
  const pairs = [
    `act=${action.verb}`,
    `kind=${subject.kind}`,
    `ns=${short(subject.ns)}`,
    `key=${quoted(name.join('/'))}`,
  ];
  if ('differences' in action) pairs.push(...action.differences.map(change));
  else if (action.verb === 'make') pairs.push(`as=${quoted(printObject(action.object)[0] ?? '')}`);
  return pairs.join(' ');
}

const change = ({ field, desired, observed }: Difference): string =>
  `${field}=${quoted(observed || "''")}->${quoted(desired || "''")}`;

/** For people: what an action puts right. */
export function describeAction(action: Action): string {
  const subject = 'object' in action ? action.object : action.observed;
  const [, , ...name] = keyOfObject(subject).split('/');
  const label = subject.kind === 'sysctl' ? subject.key : `${subject.kind} ${name.join('/')}`;
  if ('differences' in action) return `${label}: ${action.differences.map(describeChange).join(', ')}`;
  if (action.verb === 'remove') return `${label} removed`;
  return subject.kind === 'link' ? label : (printObject(action.object)[0] ?? label);
}

const describeChange = ({ field, desired, observed }: Difference): string =>
  `${field} ${observed || 'none'} -> ${desired || 'none'}`;
