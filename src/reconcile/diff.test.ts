import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { observedLink as seenLink } from '../../test/objects/fixture.ts';
import type { AddressObject, BridgeLink, KernelObject, RouteObject } from '../objects/object.ts';
import type { ObservedAddress, ObservedObject } from '../objects/observed.ts';
import { networkOwner } from '../objects/owner.ts';
import { diff } from './diff.ts';
import { traceAction } from './trace.ts';

const bridge = (name: string): BridgeLink => ({
  kind: 'link',
  type: 'bridge',
  ns: 'host',
  name,
  owner: networkOwner('ab'),
  mtu: 1500,
});

const address = (link: string, text: string): AddressObject => ({
  kind: 'address',
  ns: 'host',
  link,
  address: text,
});

const seenAddress = (link: string, text: string): ObservedAddress => ({
  kind: 'address',
  ns: 'host',
  link,
  address: text,
  scope: 'global',
  linkType: 'bridge',
  alias: networkOwner('ab'),
});

const lines = (desired: readonly KernelObject[], observed: readonly ObservedObject[]): string[] =>
  diff(desired, observed).map(traceAction);

describe('a diff', () => {
  it('makes what is missing, by rank', () => {
    expect(lines([address('br-1', '10.0.0.1/24'), bridge('br-1')], [])).toEqual([
      'act=make kind=link ns=host key=br-1 as="br-1: <UP> mtu 1500"',
      'act=make kind=address ns=host key=br-1/10.0.0.1/24 as="inet 10.0.0.1/24 dev br-1"',
    ]);
  });

  it('changes in place what can be, and does nothing where nothing differs', () => {
    expect(lines([bridge('br-1')], [seenLink('br-1', { mtu: 1400, up: false })])).toEqual([
      'act=change kind=link ns=host key=br-1 mtu=1400->1500 up=false->true',
    ]);
    expect(lines([bridge('br-1')], [seenLink('br-1')])).toEqual([]);
  });

  it('removes ours that nobody wants, before anything is made', () => {
    const observed = [seenLink('br-2'), seenLink('br-3', { alias: 'theirs' })];
    expect(lines([bridge('br-1')], observed)).toEqual([
      'act=remove kind=link ns=host key=br-2',
      'act=make kind=link ns=host key=br-1 as="br-1: <UP> mtu 1500"',
    ]);
  });

  it('recreates what goes away with a link that is replaced, and removes none of it by itself', () => {
    const observed = [
      seenLink('br-1', { type: 'dummy' }),
      seenAddress('br-1', '10.0.0.1/24'),
      seenAddress('br-1', '10.0.0.9/24'),
    ];
    expect(lines([bridge('br-1'), address('br-1', '10.0.0.1/24')], observed)).toEqual([
      'act=remove kind=link ns=host key=br-1',
      'act=make kind=link ns=host key=br-1 as="br-1: <UP> mtu 1500"',
      'act=make kind=address ns=host key=br-1/10.0.0.1/24 as="inet 10.0.0.1/24 dev br-1"',
    ]);
  });

  it('refuses to replace what is not ours', () => {
    expect(lines([bridge('up0')], [seenLink('up0', { type: '', alias: '' })])).toEqual([
      'act=refuse kind=link ns=host key=up0 type=hardware->bridge',
    ]);
  });

  it('counts our own of several routes to one destination', () => {
    const route: RouteObject = {
      kind: 'route',
      ns: 'box',
      destination: '0.0.0.0/0',
      link: 'eth0',
      gateway: '10.0.0.1',
    };
    const theirs = { ...route, gateway: '10.0.0.9', ours: false };
    expect(lines([route], [theirs])).toEqual([]);
    expect(lines([route], [theirs, { ...route, gateway: '10.0.0.8', ours: true }])).toEqual([
      'act=change kind=route ns=box key=0.0.0.0/0 gateway=10.0.0.8->10.0.0.1',
    ]);
    expect(lines([], [theirs, { ...route, ours: true }])).toEqual([
      'act=remove kind=route ns=box key=0.0.0.0/0',
    ]);
  });

  it('comes to nothing once its actions are done, whatever was there', () => {
    const names = ['br-1', 'br-2', 'br-3'];
    const texts = ['10.0.0.1/24', '10.0.1.1/24', 'fd00::1/64'];
    const world = fc.uniqueArray(
      fc.record({
        name: fc.constantFrom(...names),
        mtu: fc.constantFrom(1400, 1500),
        addresses: fc.subarray(texts),
      }),
      { selector: ({ name }) => name },
    );
    fc.assert(
      fc.property(world, world, (wanted, there) => {
        const desired = wanted.flatMap(({ name, mtu, addresses }): KernelObject[] => [
          { ...bridge(name), mtu },
          ...addresses.map((text) => address(name, text)),
        ]);
        const observed = there.flatMap(({ name, mtu, addresses }): ObservedObject[] => [
          seenLink(name, { mtu }),
          ...addresses.map((text) => seenAddress(name, text)),
        ]);
        expect(diff(desired, perform(desired, observed))).toEqual([]);
      }),
    );
  });
});

/** What the kernel would do. */
function perform(desired: readonly KernelObject[], observed: readonly ObservedObject[]): ObservedObject[] {
  let state = [...observed];
  for (const action of diff(desired, observed)) {
    if (action.verb === 'remove') {
      const gone = action.observed;
      state = state.filter(
        (object) =>
          object !== gone && !(gone.kind === 'link' && 'link' in object && object.link === gone.name),
      );
    } else {
      const { object } = action;
      if (action.verb === 'change') state = state.filter((one) => one !== action.observed);
      if (object.kind === 'link') state.push(seenLink(object.name, { mtu: object.mtu }));
      if (object.kind === 'address') state.push(seenAddress(object.link, object.address));
    }
  }
  return state;
}
