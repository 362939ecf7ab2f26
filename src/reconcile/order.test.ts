import { describe, expect, it } from 'vitest';
import { observedLink as link } from '../../test/objects/fixture.ts';
import type { KernelObject } from '../objects/object.ts';
import type { ObservedLink, ObservedObject, ObservedRoute } from '../objects/observed.ts';
import { endpointOwner, networkOwner } from '../objects/owner.ts';
import { diff } from './diff.ts';

const port = (name: string, more: Partial<ObservedLink> = {}): ObservedLink =>
  link(name, { type: 'veth', alias: endpointOwner('cd'), ...more });

const route = (more: Partial<ObservedRoute> = {}): ObservedRoute => ({
  kind: 'route',
  ns: 'host',
  destination: '10.0.0.0/8',
  link: 'up0',
  gateway: '192.0.2.1',
  ours: true,
  ...more,
});

const wantedRoute: KernelObject = {
  kind: 'route',
  ns: 'host',
  destination: '10.0.0.0/8',
  link: 'up0',
  gateway: '192.0.2.1',
};

const bridge: KernelObject = {
  kind: 'link',
  type: 'bridge',
  ns: 'host',
  name: 'br-1',
  owner: networkOwner('ab'),
  mtu: 1500,
};

const nameOf = (object: KernelObject | ObservedObject): string =>
  'name' in object ? object.name : 'destination' in object ? object.destination : object.kind;

const actions = (desired: readonly KernelObject[], observed: readonly ObservedObject[]): string[] =>
  diff(desired, observed).map(
    (action) => `${action.verb} ${nameOf('object' in action ? action.object : action.observed)}`,
  );

describe('the order of a diff', () => {
  it('takes away first what stands on other things', () => {
    const all = [link('br-1'), port('veth1'), route()];
    const expected = ['remove 10.0.0.0/8', 'remove veth1', 'remove br-1'];
    expect(actions([], all)).toEqual(expected);
    expect(actions([], all.toReversed())).toEqual(expected);
  });

  it('takes away before it makes', () => {
    expect(actions([bridge], [route()])).toEqual(['remove 10.0.0.0/8', 'make br-1']);
  });
});

describe('what goes away with a link', () => {
  const inside = { kind: 'address', ns: 'box', link: 'eth0', address: '10.0.0.2/24' } as const;
  const peer = { ns: 'box', name: 'eth0', mac: '', mtu: 1500, up: true, alias: endpointOwner('cd') };

  it('is what hangs on its other end too', () => {
    const seen = { ...inside, scope: 'global', linkType: 'veth', alias: '' } as const;
    expect(actions([inside], [port('veth1', { peer }), seen])).toEqual(['remove veth1', 'make address']);
    expect(actions([inside], [link('br-1'), seen])).toEqual(['remove br-1']);
  });
});

describe('of several routes to one destination', () => {
  const theirs = route({ ours: false, gateway: '192.0.2.9' });

  it('the engine’s own counts, wherever it stands', () => {
    expect(actions([wantedRoute], [route(), theirs])).toEqual([]);
    expect(actions([wantedRoute], [theirs, route()])).toEqual([]);
    expect(actions([wantedRoute], [theirs, route({ gateway: '192.0.2.2' })])).toEqual(['change 10.0.0.0/8']);
  });

  it('another’s stands for it where it has none', () => {
    expect(actions([wantedRoute], [theirs])).toEqual([]);
    expect(actions([], [theirs])).toEqual([]);
  });
});

describe('what is in the way and not the engine’s', () => {
  it('is refused, however little of it could not be changed', () => {
    const macvlan: KernelObject = {
      kind: 'link',
      type: 'macvlan',
      ns: 'box',
      name: 'eth0',
      owner: endpointOwner('cd'),
      mtu: 1500,
      mac: '02:00:00:00:00:01',
      parent: 'up0',
      mode: 'bridge',
    };
    const seen = link('eth0', { ns: 'box', type: 'macvlan', alias: 'somebody', parent: 'up0' });
    expect(actions([macvlan], [seen])).toEqual(['refuse eth0']);
    // half-made by the engine: alias and MTU can be changed, the parent cannot
    const halfMade = { ...seen, alias: '', mtu: 1400, parent: 'up1' };
    expect(actions([macvlan], [halfMade])).toEqual(['refuse eth0']);
    expect(actions([macvlan], [{ ...halfMade, parent: 'up0' }])).toEqual(['change eth0']);
  });
});
