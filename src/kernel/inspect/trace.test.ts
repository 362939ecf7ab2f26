import { expect, it } from 'vitest';
import type { Namespace } from '../kernel.ts';
import { openTrace } from './trace.ts';

/** A namespace of no kernel, in which commands fail that have one of these words. */
function namespaceWith(failing: string, why: string) {
  const tables = new Set<string>();
  const nft = (commands: string): string => {
    if (failing !== '' && commands.includes(failing)) throw new Error(why);
    for (const [, add, family, name] of commands.matchAll(/^(delete |add )?table (\S+) (\S+)/gm))
      if (add === 'delete ') tables.delete(`${family} ${name}`);
      else tables.add(`${family} ${name}`);
    return '';
  };
  return { tables, namespace: { inside: () => -1, nft } as unknown as Namespace };
}

const flow = { protocol: 'tcp', port: 61_000 } as const;
const families = (tables: ReadonlySet<string>): readonly string[] =>
  [...tables].map((table) => table.split(' ')[0] ?? '').sort();

it('a trace of links has tables of all families until it is closed', () => {
  const { tables, namespace } = namespaceWith('', '');
  const trace = openTrace(namespace, { flow, deep: { links: ['eth0'] } });
  expect(families(tables)).toEqual(['arp', 'bridge', 'inet', 'netdev']);
  trace.close();
  expect([...tables]).toEqual([]);
});

it('what the kernel lacks is left out, and a trace that cannot be made leaves no table', () => {
  const lacking = namespaceWith('table bridge', 'Operation not supported');
  openTrace(lacking.namespace, { flow, deep: { links: ['eth0'] } });
  expect(families(lacking.tables)).toEqual(['arp', 'inet', 'netdev']);
  const full = namespaceWith('ingress', 'Cannot allocate memory');
  expect(() => openTrace(full.namespace, { flow, deep: { links: ['eth0'] } })).toThrow('allocate memory');
  expect([...full.tables]).toEqual([]);
});

it('a link whose name nft(8) would not take as it is, is not followed', () => {
  const { tables, namespace } = namespaceWith('a"b', 'syntax error');
  openTrace(namespace, { flow, deep: { links: ['a"b'] } });
  expect(families(tables)).toEqual(['arp', 'bridge', 'inet']);
});
