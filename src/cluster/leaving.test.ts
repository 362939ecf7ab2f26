import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Host, hex, hostsOfTest, keysOf, overlayNetwork } from '../../test/cluster/host.ts';
import { eventually } from '../../test/eventually.ts';
import { createMemoryStore } from '../../test/kv/memory-kv.ts';
import { writeClaim, writeEpoch, writePeer } from './formats.ts';
import { keys } from './keys.ts';

const { hosts, host, close } = hostsOfTest();
afterEach(close);

/** Two hosts on a network; the first has removed the record of an endpoint that its kernel still has. */
async function leaving() {
  const store = createMemoryStore();
  const [a, b] = [await host(store, 1), await host(store, 2)];
  await a.make(overlayNetwork('net'));
  await eventually(() => expect(b.model.networkByName('net')).toBeDefined());
  await a.join('one', { address: '10.7.0.9/24' });
  await a.removeRecord('one');
  const kept = [`addresses/${hex('net')}/10.7.0.9`];
  return { store, a, b, kept };
}

describe('the address of an endpoint that was removed', () => {
  it('is no other host’s before the kernel has dropped it', async () => {
    const { store, a, b, kept } = await leaving();
    await expect(b.join('two', { address: '10.7.0.9/24' })).rejects.toThrow('already in use');
    // a comparison of the whole state does not give it up either
    await a.cluster.describe((node) => ({ ...node, mtu: 1400 }));
    await eventually(() => expect(b.model.get('nodes', a.id)?.mtu).toBe(1400));
    expect(keysOf(store, 'addresses')).toEqual(kept);
    await a.follow('one');
    expect(keysOf(store, 'addresses')).toEqual([]);
    expect([...a.model.all('claims')]).toEqual([]);
    await eventually(() => expect(b.members()).toEqual([]));
    await b.join('two', { address: '10.7.0.9/24' });
  });

  it('is given up by a run that has seen the removal, not by one that began before', async () => {
    const { store, a, kept } = await leaving();
    await a.join('three', { address: '10.7.0.10/24' });
    const [one, three] = [a.cluster.follows(hex('sone')), a.cluster.follows(hex('sthree'))];
    await a.removeRecord('three');
    three();
    one();
    await eventually(() => expect(keysOf(store, 'addresses')).toEqual([`addresses/${hex('net')}/10.7.0.10`]));
    expect(kept).toHaveLength(1);
    await a.follow('three');
    expect(keysOf(store, 'addresses')).toEqual([]);
  });

  it('is waited for by another endpoint of the same host', async () => {
    const { store, a, kept } = await leaving();
    let isThere = false;
    const joined = a.join('two', { address: '10.7.0.9/24' }).then(() => (isThere = true));
    await sleep(20);
    expect(isThere).toBe(false);
    await a.follow('one');
    await joined;
    expect(keysOf(store, 'addresses')).toEqual(kept);
    expect(a.members()).toEqual(['two 10.7.0.9/24']);
  });

  it('does not count as lost by an endpoint that waits for it while another host takes it', async () => {
    const { store, a, b } = await leaving();
    await b.cluster.close();
    const joined = a.join('two', { address: '10.7.0.9/24' });
    const [endpoint, address] = [
      keys.endpoint(hex('net'), hex('other')),
      keys.address(hex('net'), '10.7.0.9'),
    ];
    const place = { id: hex('other'), networkId: hex('net'), nodeId: b.id };
    const peer = {
      ...place,
      name: 'other',
      dnsNames: [],
      addresses: ['10.7.0.9/24'],
      mac: '02:00:00:00:00:07',
    };
    const since = '2026-01-01T00:00:00.000000000Z';
    await store.connect('seaway/v1').transact({
      put: [
        { key: endpoint, value: writePeer(peer) },
        { key: address, value: writeClaim({ endpoint: peer.id, node: b.id, since }) },
      ],
    });
    await a.cluster.describe((node) => ({ ...node, mtu: 1400 }));
    await eventually(() => expect(JSON.stringify(store.dump())).toContain('"mtu\\":1400'));
    await sleep(20);
    expect(a.taken).toEqual([]);
    await a.follow('one');
    await expect(joined).rejects.toThrow('already in use');
    expect(a.taken).toEqual([]);
  });

  it('stays with an endpoint that comes back', async () => {
    const { store, a, kept } = await leaving();
    const late = a.cluster.follows(hex('sone'));
    await a.join('one', { address: '10.7.0.9/24' });
    late();
    await a.cluster.released(new Set([hex('sone')]));
    expect(keysOf(store, 'addresses')).toEqual(kept);
    expect(keysOf(store, 'endpoints')).toHaveLength(1);
  });

  it('is given up by the next engine where this one was killed before that', async () => {
    const { store, a } = await leaving();
    await a.cluster.close();
    hosts.push(await new Host(store, 1, { from: a }).begin());
    await eventually(() => expect(keysOf(store, 'addresses')).toEqual([]));
  });

  it('is given up later where the store is away, and until then is this host’s', async () => {
    const { store, a, b } = await leaving();
    a.kv.cut();
    await a.follow('one');
    await expect(b.join('two', { address: '10.7.0.9/24' })).rejects.toThrow('already in use');
    await a.join('three', { address: '10.7.0.9/24' });
    await a.leave('three');
    a.kv.mend();
    await eventually(() => expect(keysOf(store, 'addresses')).toEqual([]));
  });

  it('goes from this host while the store is another one by now, of which it has not heard', async () => {
    const store = createMemoryStore();
    const a = await host(store, 1);
    await a.make(overlayNetwork('net'));
    await a.join('one');
    // this arrives only after its own transaction
    const said = a.removeRecord('one');
    await store
      .connect('seaway/v1')
      .transact({ put: [{ key: 'state/epoch', value: writeEpoch('another') }] });
    await said;
    await a.follow('one');
    expect(a.members()).toEqual([]);
    await eventually(() => expect(keysOf(store, 'addresses')).toEqual([]));
  });

  it('lets its network be removed once it is given up', async () => {
    const { a } = await leaving();
    const removed = a.remove('net');
    await a.follow('one');
    await removed;
    expect(a.model.networkByName('net')).toBeUndefined();
  });
});

describe('a container on more networks than fit into a transaction', () => {
  const names = Array.from({ length: 30 }, (_, index) => `net${index}`);
  const made = async () => {
    const store = createMemoryStore();
    const a = await host(store, 1);
    for (const [index, name] of names.entries()) {
      const overlay = { vnis: [300 + index], mtu: 1450, encrypted: false };
      const pools = [{ subnet: `10.8.${index}.0/24`, auxAddresses: {} }];
      await a.make(overlayNetwork(name, { overlay, ipam: { driver: 'default', options: null, pools } }));
    }
    return { store, a };
  };
  const join = (a: Host) =>
    a.joinAll(names.map((network) => ({ network, name: 'one', id: hex(`one${network}`) })));

  it('joins them and leaves them', async () => {
    const { store, a } = await made();
    await join(a);
    expect(keysOf(store, 'addresses')).toHaveLength(30);
    expect([...a.model.all('claims')]).toHaveLength(30);
    const all = Array.from(
      a.model.all('endpoints'),
      ({ id }) => ({ table: 'endpoints', remove: id }) as const,
    );
    await a.records.keep(() => all);
    await a.follow('one');
    expect(keysOf(store, 'addresses')).toEqual([]);
    expect([...a.model.all('claims')]).toEqual([]);
  });

  it('joins all or none', async () => {
    const { store, a } = await made();
    const b = await host(store, 2);
    await eventually(() => expect(b.model.networkByName('net29')).toBeDefined());
    await b.join('two', { network: 'net29', address: '10.8.29.1/24' });
    // this host has not heard of it
    a.model.apply([{ table: 'peers', remove: hex('two') }]);
    const failed = a.joinAll(
      names.map((network, index) => ({
        network,
        name: 'one',
        id: hex(`one${network}`),
        address: `10.8.${index}.1/24`,
      })),
    );
    await expect(failed).rejects.toThrow('already in use');
    expect(a.model.endpointsOfNetwork(hex('net0'))).toEqual([]);
    await eventually(() =>
      expect(keysOf(store, 'addresses')).toEqual([`addresses/${hex('net29')}/10.8.29.1`]),
    );
  });
});
