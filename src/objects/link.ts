/** Links of all types. */
import { compareFields, type Difference, type Kind } from './kind.ts';
import { linkTypeOf } from './link-types.ts';
import { parseNamespace } from './namespace-ref.ts';
import type { LinkObject } from './object.ts';
import type { ObservedLink } from './observed.ts';
import { isMarked, isOurs, parseOwner } from './owner.ts';
import { ranks } from './ranks.ts';

export const link: Kind<'link'> = {
  key: ({ ns, name }) => `${ns}/link/${name}`,
  rank: (object) => ('owner' in object ? linkTypeOf(object.type).rank : rankOfObserved(object)),
  print,
  differences,
  removable: (observed) =>
    isOurs(observed.alias) || (observed.ns === 'host' && observed.alias === '' && isMarked(observed)),
  goesWith: ({ ns, name, peer }) => [{ ns, link: name }, ...(peer ? [{ ns: peer.ns, link: peer.name }] : [])],
};

const rankOfObserved = ({ alias }: ObservedLink): number =>
  parseOwner(alias)?.scope === 'network' ? ranks.baseLink : ranks.link;

function print(object: LinkObject): readonly string[] {
  const type = linkTypeOf(object.type);
  const master = 'master' in object && object.master ? ` master ${object.master}` : '';
  const mtu = object.mtu ? ` mtu ${object.mtu}` : '';
  return [
    `${object.name}${type.suffix(object)}: <UP>${mtu}${master}`,
    ...(object.mac ? [`    link/ether ${object.mac}`] : []),
    ...type.details(object).map((line) => `    ${line}`),
    ...(object.owner ? [`    alias ${object.owner}`] : []),
  ];
}

function differences(desired: LinkObject, observed: ObservedLink): readonly Difference[] {
  const type = linkTypeOf(desired.type);
  const up = compareFields({ up: [true, observed.up] }, true);
  if (type.rtnetlink !== undefined && observed.type !== type.rtnetlink)
    return compareFields({ type: [desired.type, observed.type || 'hardware'] }, false);
  if (!isOurs(observed.alias) && !isHalfMade(desired, observed))
    return type.adoptable ? up : compareFields({ owner: [desired.owner, observed.alias] }, false);
  return [
    // a link of a network may be taken over by another network; one of an endpoint that is gone must go with it
    ...compareFields({ owner: [desired.owner, observed.alias] }, type.adoptable || observed.alias === ''),
    ...compareFields(
      { mtu: [desired.mtu || observed.mtu, observed.mtu], mac: [desired.mac ?? observed.mac, observed.mac] },
      true,
    ),
    ...up,
    ...type.differences(desired, observed),
  ];
}

/** Made by an engine that was killed before it could write the alias. */
function isHalfMade(desired: LinkObject, observed: ObservedLink): boolean {
  if (observed.alias !== '') return false;
  if (desired.mac !== undefined) return desired.mac === observed.mac;
  return (
    parseNamespace(desired.ns).of === 'sandbox' && 'parent' in desired && desired.parent === observed.parent
  );
}
