import { expect, test } from 'vitest';
import { networkNamespace } from '../objects/namespace-ref.ts';
import type { AddressObject, VethLink } from '../objects/object.ts';
import type { ObservedLink } from '../objects/observed.ts';
import type { Action } from './diff.ts';
import { hostSide } from './host-side.ts';

const veth: VethLink = {
  ...{ kind: 'link', type: 'veth', ns: 'host', name: 'veth1', owner: 'seaway:endpoint:1', mtu: 1500 },
  ...{
    master: 'br0',
    hairpin: true,
    isolated: false,
    peer: { ns: 'box', name: 'eth0', mac: '02:42:00:00:00:01' },
  },
};
const inside: AddressObject = { kind: 'address', ns: 'box', link: 'eth0', address: '10.0.0.2/24' };
const observed = { ...veth, alias: veth.owner, mac: '', up: true, parent: '' } as unknown as ObservedLink;
const difference = (field: string) => ({ field, desired: 'a', observed: 'b', inPlace: true });
const change = (...fields: readonly string[]): Action => ({
  verb: 'change',
  object: veth,
  observed,
  differences: fields.map(difference),
});
const address: Action = { verb: 'make', object: inside };

test("what is changed inside a sandbox is left alone, what is changed of the host's end is put back", () => {
  expect(hostSide([address])).toEqual([]);
  expect(hostSide([change('peer.up', 'peer.mac')])).toEqual([]);
  expect(hostSide([change('master', 'peer.up'), address])).toEqual([change('master')]);
});

test('with a link that is gone comes back all that was on it', () => {
  const lost: readonly Action[] = [{ verb: 'make', object: veth }, address];
  expect(hostSide(lost)).toEqual(lost);
});

test('a pair is not recreated because its inner end has another name', () => {
  expect(hostSide([{ verb: 'remove', observed }, { verb: 'make', object: veth }, address])).toEqual([]);
});

test("a network's own namespace is the host's side of a sandbox", () => {
  const ns = networkNamespace('n');
  const lost: Action = { verb: 'make', object: { ...inside, ns } };
  expect(hostSide([lost, address])).toEqual([lost]);
});
