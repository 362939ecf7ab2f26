/**
 * Ports asked for by a label, for clients that have no other words for them: docker's own takes no link of the host with
 * `-p`.
 */
import { fail } from '../../errors.ts';
import type { HostConfig } from '../../model/container.ts';
import { parsePort, parseRange } from '../../model/port-ranges.ts';

type Bindings = HostConfig['PortBindings'];

/** `eth0:8080:80, eth0:5353:53/udp`: in the form of `-p`. */
export const publishLabel = 'com.seaway.publish';

/** The bindings with those of the label. Throws CONTAINER_CONFIG_INVALID. */
export function withLabelled(bindings: Bindings, labels: Readonly<Record<string, string>>): Bindings {
  const text = labels[publishLabel];
  if (text === undefined) return bindings;
  const all: Record<string, Bindings[string]> = { ...bindings };
  for (const [key, binding] of text.split(',').flatMap((each) => bindingsOf(each.trim())))
    all[key] = [...(all[key] ?? []), binding];
  return all;
}

function bindingsOf(text: string): (readonly [key: string, binding: Bindings[string][number]])[] {
  const [, host = '', HostIp = '', outside = '', inside = ''] =
    /^((\[[^\]]*\]|[^:[\]]*):)?([0-9-]*):([0-9-]+(?:\/[a-z]+)?)$/i.exec(text) ?? [];
  if (inside === '') throw fail('CONTAINER_CONFIG_INVALID', `invalid label ${publishLabel}: ${text}`);
  const container = parsePort(inside);
  const asked = outside === '' ? undefined : parseRange(outside);
  const size = container.last - container.first;
  if (asked && size > 0 && asked.last - asked.first !== size)
    throw fail(
      'CONTAINER_CONFIG_INVALID',
      `invalid label ${publishLabel}: ${text}: the ranges differ in length`,
    );
  return Array.from({ length: size + 1 }, (_, index) => {
    const HostPort = asked && size > 0 ? String(asked.first + index) : outside;
    return [
      `${container.first + index}/${container.protocol}`,
      { HostIp: host ? HostIp : '', HostPort },
    ] as const;
  });
}
