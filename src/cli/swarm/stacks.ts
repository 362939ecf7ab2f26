/** The objects of a stack in the swarm, and their removal. */

import { type Client, filtersQuery } from '#client/client.ts';
import { messageOf } from '../../errors.ts';
import { stackLabel } from '../compose/namespace.ts';
import type { Context } from '../context.ts';
import { CliError } from '../failure.ts';
import type { Filters } from '../flags/flag.ts';
import type { SwarmFile } from './files.ts';
import type { Service } from './types.ts';

export interface StackNetwork {
  readonly Id: string;
  readonly Name: string;
}

/** Throws `CliError`. */
export function checkStackName(name: string): void {
  if (/^['"\s]*$/.test(name)) throw new CliError(`invalid stack name: ${JSON.stringify(name)}`);
}

export const ofStack = (name: string, more: Filters = {}): string | undefined =>
  filtersQuery({ ...more, label: [...(more.label ?? []), `${stackLabel}=${name}`] });

export async function stackServices(engine: Client, name: string): Promise<Service[]> {
  return (await engine.get<Service[] | null>('/services', { filters: ofStack(name) })) ?? [];
}

export async function stackNetworks(engine: Client, name: string): Promise<StackNetwork[]> {
  return (await engine.get<StackNetwork[] | null>('/networks', { filters: ofStack(name) })) ?? [];
}

export async function stackFiles(
  engine: Client,
  kind: 'secret' | 'config',
  name: string,
): Promise<SwarmFile[]> {
  return (await engine.get<SwarmFile[] | null>(`/${kind}s`, { filters: ofStack(name) })) ?? [];
}

export interface Removal {
  readonly kind: string;
  readonly name: string;
  readonly path: string;
}

/** One after the other; failures are reported and the others go on. True when all went. */
export async function removeAll(context: Context, removals: readonly Removal[]): Promise<boolean> {
  const engine = await context.engine();
  let isWhole = true;
  for (const { kind, name, path } of removals) {
    await context.print(`Removing ${kind} ${name}\n`);
    try {
      await engine.text('DELETE', path);
    } catch (thrown) {
      isWhole = false;
      context.complain(`Failed to remove ${kind} ${name}: ${messageOf(thrown)}`);
    }
  }
  return isWhole;
}

export const serviceRemovals = (services: readonly Service[]): Removal[] =>
  services
    .map(({ ID, Spec }) => ({ kind: 'service', name: Spec.Name ?? ID, path: `/services/${ID}` }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
