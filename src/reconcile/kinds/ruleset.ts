/** Whole tables of nftables, replaced in one transaction. */
import type { Namespace } from '../../kernel/kernel.ts';
import type { RulesetObject } from '../../objects/object.ts';
import { rulesetDigest } from '../../objects/ruleset.ts';
import type { ActiveKind } from './kind.ts';
import { listChains } from './list-chains.ts';

const families = ['ip', 'ip6'] as const;

/** Families that have a table of that name, with its digest; '' where it has none. */
function tablesIn(namespace: Namespace, name: string): ReadonlyMap<string, string> {
  const digestIn = (chains: readonly string[]): string =>
    chains.map((chain) => /^digest-([0-9a-f]+)$/.exec(chain)?.[1]).find(Boolean) ?? '';
  return new Map(
    Array.from(listChains(namespace, name), ([family, chains]) => [family, digestIn(chains)] as const),
  );
}

async function put(object: RulesetObject, namespace: Namespace): Promise<void> {
  const { name, tables, flows } = object;
  const there = tablesIn(namespace, name);
  const digest = rulesetDigest(object);
  const commands = families.flatMap((family) => [
    ...(there.has(family) ? [`delete table ${family} ${name}\n`] : []),
    ...(tables[family] === undefined
      ? []
      : [`table ${family} ${name} {\n  chain digest-${digest} { }\n${tables[family]}}\n`]),
  ]);
  namespace.nft(commands.join(''));
  for (const { answering, ...flow } of flows)
    for (const address of ['0.0.0.0', '::']) await namespace.forgetFlowsTo({ ...flow, address }, answering);
}

/** None is no error. */
export function removeRuleset(namespace: Namespace, name: string): void {
  const families = [...tablesIn(namespace, name).keys()];
  if (families.length > 0) namespace.nft(families.map((one) => `delete table ${one} ${name}\n`).join(''));
}

export const ruleset: ActiveKind<'ruleset'> = {
  observe: ({ handles, desired }) =>
    desired.flatMap((wanted) => {
      if (wanted.kind !== 'ruleset') return [];
      const { ns, name, tables } = wanted;
      const namespace = handles.find(ns);
      const there = namespace ? tablesIn(namespace, name) : new Map<string, string>();
      if (there.size === 0) return [];
      const digests = families.map((family) => there.get(family));
      const isWhole = families.every(
        (family, i) => (tables[family] === undefined) === (digests[i] === undefined),
      );
      const [digest = ''] = new Set(digests.filter((one) => one !== undefined));
      return [{ kind: 'ruleset' as const, ns, name, digest: isWhole ? digest : '' }];
    }),
  make: (object, handles) => put(object, handles.namespace(object.ns)),
  change: ({ object }, handles) => put(object, handles.namespace(object.ns)),
  remove: ({ ns, name }, handles) => removeRuleset(handles.namespace(ns), name),
};
