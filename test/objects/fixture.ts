/** A link as it was found, for tests: a bridge of a network's on the host, up, with what else is said. */
import type { ObservedLink } from '../../src/objects/observed.ts';
import { networkOwner } from '../../src/objects/owner.ts';

export const observedLink = (name: string, more: Partial<ObservedLink> = {}): ObservedLink => ({
  kind: 'link',
  ns: 'host',
  name,
  type: 'bridge',
  mac: '02:00:00:00:00:01',
  mtu: 1500,
  up: true,
  alias: networkOwner('ab'),
  master: '',
  parent: '',
  hairpin: false,
  isolated: false,
  ...more,
});
