/** Entries of a VXLAN link's forwarding database. */
import type { FdbObject } from '../../objects/object.ts';
import { type Handles, indexOf } from '../handles.ts';
import type { ActiveKind } from './kind.ts';
import { tunnelsIn } from './neighbour.ts';

const spec = ({ ns, link, mac, to }: Omit<FdbObject, 'kind'>, handles: Handles) => ({
  link: indexOf(handles, { ns, link, doing: `send frames for ${mac} to ${to}` }),
  mac,
  to,
});

const make = (object: FdbObject, handles: Handles): void =>
  handles.namespace(object.ns).route.addFdbEntry(spec(object, handles));

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
  change: ({ object }, handles) => make(object, handles),
  remove: (observed, handles) => handles.namespace(observed.ns).route.removeFdbEntry(spec(observed, handles)),
};
