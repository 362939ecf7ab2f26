/** `--cap-add` and `--cap-drop` in the API's form. */

const all = 'ALL';

/** Upper case, with its prefix; `ALL` and `RESET` have none. */
export const normalCapability = (name: string): string => {
  const upper = name.trim().toUpperCase();
  return upper === all || upper === 'RESET' || upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
};

const unique = (names: readonly string[]): string[] => {
  const set = [...new Set(names.map(normalCapability).filter((name) => name !== 'CAP_'))].sort();
  return set.includes(all) ? [all] : set;
};

/** Upper case, with prefix, sorted; added capabilities are not dropped. Null for none. */
export function capabilitiesOf(
  added: readonly string[],
  dropped: readonly string[],
): { readonly add: readonly string[] | null; readonly drop: readonly string[] | null } {
  const add = unique(added);
  const drop = unique(dropped).filter((name) => name === all || !add.includes(name));
  return { add: add.length === 0 ? null : add, drop: drop.length === 0 ? null : drop };
}
