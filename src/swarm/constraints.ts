/** Placement constraints: `node.labels.disk==ssd`. */
import { fail } from '../errors.ts';
import { contains, readAddress, readCidr } from '../net/address.ts';
import type { SwarmNode } from './records.ts';

export interface Constraint {
  readonly key: string;
  readonly equal: boolean;
  readonly value: string;
}

const keyPattern = /^[a-z_][a-z0-9\-_.]+$/i;
const valuePattern = /^[a-z0-9:\-_\s.*()?+[\]\\^$|/]+$/i;

/** Throws SWARM_UNKNOWN, as Docker's managers answer. */
export function parseConstraint(text: string): Constraint {
  const equal = text.includes('==');
  if (!equal && !text.includes('!='))
    throw fail('SWARM_UNKNOWN', 'constraint expected one operator from ==, !=');
  const operator = equal ? '==' : '!=';
  const at = text.indexOf(operator);
  const key = text.slice(0, at).trim();
  const value = text.slice(at + operator.length).trim();
  if (!keyPattern.test(key)) throw fail('SWARM_UNKNOWN', `key '${key}' is invalid`);
  if (!valuePattern.test(value)) throw fail('SWARM_UNKNOWN', `value '${value}' is invalid`);
  return { key, equal, value };
}

/** A key that is not known matches no node, as with Docker. */
export const meets = (node: SwarmNode, constraints: readonly string[] = []): boolean =>
  constraints.every((text) => meetsOne(node, parseConstraint(text)));

function meetsOne(node: SwarmNode, constraint: Constraint): boolean {
  const { equal, value } = constraint;
  if (constraint.key.toLowerCase() === 'node.ip') return meetsAddress(node, constraint);
  const actual = attribute(node, constraint.key);
  return actual !== undefined && (actual.toLowerCase() === value.toLowerCase()) === equal;
}

function meetsAddress({ status }: SwarmNode, { equal, value }: Constraint): boolean {
  const address = readAddress(status.address);
  const one = readAddress(value);
  if (one) return (address?.version === one.version && address.value === one.value) === equal;
  const block = readCidr(value);
  return block !== undefined && (address !== undefined && contains(block, address)) === equal;
}

/** What a key stands for on a node, '' where the node has none of it; undefined for a key that is not known. */
export function attribute(node: SwarmNode, key: string): string | undefined {
  const lower = key.toLowerCase();
  const { spec, description } = node;
  if (lower === 'node.id') return node.id;
  if (lower === 'node.hostname') return description?.hostname ?? '';
  if (lower === 'node.role') return spec.Role;
  if (lower === 'node.platform.os') return description?.platform.os ?? '';
  if (lower === 'node.platform.arch') return description?.platform.architecture ?? '';
  if (lower.startsWith('node.labels.')) return spec.Labels[key.slice('node.labels.'.length)] ?? '';
  if (lower.startsWith('engine.labels.'))
    return description?.engine.labels[key.slice('engine.labels.'.length)] ?? '';
  return undefined;
}
