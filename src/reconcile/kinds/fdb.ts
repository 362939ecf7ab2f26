/** Entries of a VXLAN link's forwarding database, set and taken away. */
import type { FdbObject } from '../../objects/object.ts';
import { indexOf, type Place } from '../place.ts';
import type { ActiveKind } from './kind.ts';
import { tunnelsIn } from './neighbour.ts';

const spec = ({ ns, link, mac, to }: Omit<FdbObject, 'kind'>, place: Place) => ({
  link: indexOf(place, { ns, link, doing: `send frames for ${mac} to ${to}` }),
  mac,
  to,
});

const make = (object: FdbObject, place: Place): void =>
  place.namespace(object.ns).route.addFdbEntry(spec(object, place));

export const fdb: ActiveKind<'fdb'> = {
  observe: (view) =>
    tunnelsIn(view).flatMap(({ ns, link, route }) =>
      route.listFdb(link.index).map(({ mac, to }) => ({
        kind: 'fdb' as const,
        ns,
        link: link.name,
        mac,
        to,
        alias: link.alias,
      })),
    ),
  make,
  change: ({ object }, place) => make(object, place),
  remove: (observed, place) => place.namespace(observed.ns).route.removeFdbEntry(spec(observed, place)),
};
