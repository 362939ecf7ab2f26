import { afterEach, describe, expect, it } from 'vitest';
import { Host, hex, hostsOfTest, keysOf, overlayNetwork } from '../../test/cluster/host.ts';
import { eventually } from '../../test/eventually.ts';
import { createMemoryStore } from '../../test/kv/memory-kv.ts';
import type { Network } from '../model/network.ts';

const { hosts, host, close } = hostsOfTest();
afterEach(close);

describe('records of a cluster', () => {
  it('are the same on each host: a network, and who is on it', async () => {
    const store = createMemoryStore();
    const [a, b] = [await host(store, 1), await host(store, 2)];
    await a.make(overlayNetwork('net'));
    await eventually(() => expect(b.model.networkByName('net')).toEqual(a.model.networkByName('net')));
    await a.join('one');
    await b.join('two');
    await eventually(() => expect(a.members()).toEqual(['one 10.7.0.2/24', 'two 10.7.0.3/24']));
    await eventually(() => expect(b.members()).toEqual(a.members()));
    await a.records.transact((view) => {
      const known = view.get('endpoints', hex('one'));
      return known ? [{ table: 'endpoints', put: { ...known, name: 'uno', dnsNames: ['uno'] } }] : [];
    });
    await eventually(() => expect(b.members()).toEqual(['two 10.7.0.3/24', 'uno 10.7.0.2/24']));
    expect(b.model.get('peers', hex('one'))?.dnsNames).toEqual(['uno']);
    await a.leave('one');
    await eventually(() => expect(b.members()).toEqual(['two 10.7.0.3/24']));
    expect(keysOf(store, 'addresses')).toEqual([`addresses/${hex('net')}/10.7.0.3`]);
  });

  it('have an address once, whoever draws it at the same time', async () => {
    const store = createMemoryStore();
    const all = await Promise.all(Array.from({ length: 25 }, (_, index) => host(store, index + 1)));
    for (const { kv } of all) kv.delay = 2;
    await all[0]?.make(overlayNetwork('net'));
    await eventually(() => expect(all.every(({ model }) => model.networkByName('net'))).toBe(true));
    const names = Array.from({ length: 4 }, (_, i) => i);
    const made = await Promise.all(all.flatMap((one, h) => names.map((n) => one.join(`c${h}${n}`))));
    expect(new Set(made.flatMap(({ addresses }) => addresses)).size).toBe(100);
    await eventually(() => expect(all[1]?.members()).toEqual(all[0]?.members()));
    expect(keysOf(store, 'addresses')).toHaveLength(100);
  });

  it('have a name once, and an address that is asked for', async () => {
    const store = createMemoryStore();
    const [a, b] = [await host(store, 1), await host(store, 2)];
    const tries = await Promise.allSettled([
      a.make(overlayNetwork('net')),
      b.make(
        overlayNetwork('net', { id: hex('other'), overlay: { vnis: [257], mtu: 1450, encrypted: false } }),
      ),
    ]);
    expect(tries.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await eventually(() => expect([...a.model.all('networks')]).toEqual([...b.model.all('networks')]));
    const asked = await Promise.allSettled([
      a.join('one', { address: '10.7.0.9/24' }),
      b.join('two', { address: '10.7.0.9/24' }),
    ]);
    expect(asked.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(
      JSON.stringify(asked.map((one) => (one.status === 'rejected' ? String(one.reason) : ''))),
    ).toContain('already in use');
  });

  it('keep a network that any host is on', async () => {
    const store = createMemoryStore();
    const [a, b] = [await host(store, 1), await host(store, 2)];
    await a.make(overlayNetwork('net'));
    await eventually(() => expect(b.model.networkByName('net')).toBeDefined());
    // before it is known on the other host
    const joined = b.join('two');
    await expect(joined.then(() => a.remove('net'))).rejects.toThrow(
      /network net has active endpoints \(name:"two"/,
    );
    await b.leave('two');
    await eventually(() => expect(a.members()).toEqual([]));
    // the mark of the removal is heard of before the network is gone
    a.kv.delay = 20;
    await a.remove('net');
    expect(a.model.networkByName('net')).toBeUndefined();
    await eventually(() => expect(b.model.networkByName('net')).toBeUndefined());
    expect([keysOf(store, 'networks'), keysOf(store, 'names'), keysOf(store, 'vnis')]).toEqual([[], [], []]);
  });
});

describe('while the store is away', () => {
  it('what is there stays, nothing is allocated, what goes is owed', async () => {
    const store = createMemoryStore();
    const [a, b] = [await host(store, 1), await host(store, 2)];
    await a.make(overlayNetwork('net'));
    const { addresses } = await a.join('one');
    await eventually(() => expect(b.members()).toEqual(['one 10.7.0.2/24']));
    a.kv.cut();
    await expect(a.make(overlayNetwork('later'))).rejects.toThrow(
      /error getting pools config from store.*unavailable/,
    );
    await expect(a.join('three')).rejects.toThrow(/memory cluster is unavailable/);
    expect(a.model.networkByName('later')).toBeUndefined();
    expect(a.members()).toEqual(['one 10.7.0.2/24']);
    await a.leave('one');
    expect(a.members()).toEqual([]);
    // it stops and starts
    await a.join('one', { address: addresses[0] ?? '' });
    await a.leave('one');
    expect(b.members()).toEqual(['one 10.7.0.2/24']);
    a.kv.mend();
    await eventually(() => expect(b.members()).toEqual([]));
    expect(keysOf(store, 'addresses')).toEqual([]);
    await eventually(() => expect([...a.model.all('claims')]).toEqual([]));
  });

  it('a host that starts has what it last knew, and catches up', async () => {
    const store = createMemoryStore();
    const [a, b] = [await host(store, 1), await host(store, 2)];
    await a.make(overlayNetwork('net'));
    await a.join('one');
    await b.join('two').catch(() => undefined);
    await eventually(() => expect(b.members()).toContain('one 10.7.0.2/24'));
    await b.cluster.close();
    await a.join('four');
    const again = new Host(store, 2, { from: b });
    hosts.push(again);
    again.kv.cut();
    await again.cluster.introduce();
    await again.cluster.begin(50);
    expect(again.members()).toContain('one 10.7.0.2/24');
    again.kv.mend();
    await eventually(() => expect(again.members()).toEqual(a.members()));
  });
});

describe('a store that was wiped or restored', () => {
  it('removes nothing, and gets back what each host has', async () => {
    const store = createMemoryStore();
    const [a, b] = [await host(store, 1), await host(store, 2)];
    await a.make(overlayNetwork('net'));
    await a.join('one');
    await eventually(() => expect(b.members()).toEqual(['one 10.7.0.2/24']));
    await b.join('two');
    const before = keysOf(store, 'addresses');
    store.wipe();
    await eventually(() => expect(keysOf(store, 'addresses').toSorted()).toEqual(before.toSorted()));
    expect([a.model.networkByName('net')?.name, b.model.networkByName('net')?.name]).toEqual(['net', 'net']);
    await eventually(() => expect(a.members()).toEqual(['one 10.7.0.2/24', 'two 10.7.0.3/24']));
    await eventually(() => expect(b.members()).toEqual(a.members()));
    expect([a.taken, b.taken]).toEqual([[], []]);
    await eventually(() =>
      expect(['names', 'nodes', 'live'].map((one) => keysOf(store, one).length)).toEqual([1, 2, 2]),
    );
  });

  it('gives an address to the older claim: the other endpoint is taken off', async () => {
    const store = createMemoryStore();
    const [a, b] = [await host(store, 1), await host(store, 2)];
    await a.make(overlayNetwork('net'));
    await eventually(() => expect(b.model.networkByName('net')).toBeDefined());
    const empty = store.save();
    await a.join('one', { address: '10.7.0.9/24' });
    a.kv.cut();
    store.restore(empty);
    await eventually(() => expect(b.members()).toEqual(['one 10.7.0.9/24']));
    // after the others were given time to write back
    await eventually(() => expect(b.members()).toEqual([]));
    await b.join('two', { address: '10.7.0.9/24' });
    a.kv.mend();
    await eventually(() => expect(b.taken.map(({ endpoint }) => endpoint.name)).toContain('two'));
    expect(a.taken).toEqual([]);
  });

  it.each<[string, Partial<Network>, string]>([
    ['name', { name: 'net', ...place(257, '10.8.0.0/24') }, 'which has the name net too'],
    ['VXLAN id', place(256, '10.8.0.0/24'), 'which has the VXLAN id 256 too'],
    ['addresses', place(257, '10.7.0.0/16'), 'which has addresses of 10.7.0.0/16 too'],
  ])(
    'leaves the older of two networks with the same %s, and nothing of the other',
    async (_what, more, why) => {
      const store = createMemoryStore();
      const [a, b] = [await host(store, 1), await host(store, 2)];
      const empty = store.save();
      await a.make(overlayNetwork('net'));
      await eventually(() => expect(b.model.networkByName('net')).toBeDefined());
      await a.join('one');
      a.kv.cut();
      store.restore(empty);
      await eventually(() => expect(b.model.networkByName('net')).toBeUndefined());
      await b.make(overlayNetwork('later', { created: '2026-02-01T00:00:00.000000000Z', ...more }));
      await b.join('two', { network: more.name ?? 'later' });
      a.kv.mend();
      await eventually(() => expect(b.taken.map(({ endpoint }) => endpoint.name)).toEqual(['two']));
      expect(b.taken[0]?.why).toContain(why);
      const left = {
        networks: [hex('net')],
        names: ['net'],
        vnis: ['256'],
        endpoints: [`${hex('net')}/${hex('one')}`],
      };
      for (const [folder, rest] of Object.entries(left))
        await eventually(() => expect(keysOf(store, folder)).toEqual(rest.map((key) => `${folder}/${key}`)));
      expect(a.taken).toEqual([]);
      for (const { model } of [a, b])
        await eventually(() =>
          expect(Array.from(model.all('networks'), ({ id }) => id)).toEqual([hex('net')]),
        );
      await b.join('three');
      expect(b.members()).toEqual(['one 10.7.0.2/24', 'three 10.7.0.3/24']);
    },
  );
});

const place = (vni: number, subnet: string): Partial<Network> => ({
  overlay: { vnis: [vni], mtu: 1450, encrypted: false },
  ipam: { driver: 'default', options: null, pools: [{ subnet, auxAddresses: {} }] },
});

describe('while hosts write back to a store that has lost its contents', () => {
  it('nothing is given and no network goes: what nobody has is not known yet', async () => {
    const store = createMemoryStore();
    const [a, b] = [await host(store, 1), await host(store, 2)];
    await a.make(overlayNetwork('net'));
    await eventually(() => expect(b.model.networkByName('net')).toBeDefined());
    b.kv.cut();
    const { addresses } = await a.join('one');
    a.kv.cut();
    store.wipe();
    b.kv.mend();
    await eventually(() => expect(keysOf(store, 'live')).toHaveLength(1));
    // it has never heard of the other's container
    await expect(b.join('two')).rejects.toThrow('wiped or restored');
    await expect(b.remove('net')).rejects.toThrow('wiped or restored');
    a.kv.mend();
    await eventually(async () => expect((await b.join('two')).addresses).toEqual(['10.7.0.3/24']));
    expect(a.members()).toContain(`one ${addresses[0]}`);
    expect([a.taken, b.taken]).toEqual([[], []]);
  });

  it('a claim of a backup that its host does not have any more takes no address away', async () => {
    const store = createMemoryStore();
    // the first host must be back before the grace is over, on a busy machine too
    const grace = { grace: 2_000 };
    const [a, b] = [await host(store, 1, grace), await host(store, 2, grace)];
    await a.make(overlayNetwork('net'));
    await a.join('one', { address: '10.7.0.9/24' });
    const saved = store.save();
    await a.leave('one');
    await eventually(() => expect(b.model.networkByName('net')).toBeDefined());
    await eventually(() => expect(b.join('two', { address: '10.7.0.9/24' })).resolves.toBeDefined());
    a.kv.cut();
    store.restore(saved);
    a.kv.mend();
    await eventually(() => expect(a.members()).toEqual(['two 10.7.0.9/24']));
    await eventually(() =>
      expect(store.dump()[`seaway/v1/addresses/${hex('net')}/10.7.0.9`]).toContain(b.id),
    );
    await eventually(() => expect(b.members()).toEqual(['two 10.7.0.9/24']));
    // given only after the grace, when lost claims count
    await eventually(async () => expect((await b.join('three')).addresses).toEqual(['10.7.0.10/24']));
    expect(b.taken).toEqual([]);
  });
});

describe('a host', () => {
  it('that is silent is lost, and keeps its addresses until it is forgotten', async () => {
    const store = createMemoryStore();
    const [a, b] = [await host(store, 1), await host(store, 2)];
    await a.make(overlayNetwork('net'));
    await a.join('one');
    await eventually(() => expect(b.members()).toEqual(['one 10.7.0.2/24']));
    await expect(b.cluster.forget('host1')).rejects.toThrow('node host1 is in the cluster');
    a.kv.cut();
    a.kv.expire();
    await eventually(() => expect(b.model.get('nodes', a.id)?.lost).toBe(true));
    expect(b.members()).toEqual(['one 10.7.0.2/24']);
    await expect(b.join('two', { address: '10.7.0.2/24' })).rejects.toThrow('already in use');
    await b.cluster.forget('host1');
    expect([b.members(), [...b.model.all('nodes')].map(({ name }) => name)]).toEqual([[], ['host2']]);
    await b.join('two', { address: '10.7.0.2/24' });
    a.kv.mend();
    await eventually(() => expect(a.taken.map(({ endpoint }) => endpoint.name)).toContain('one'));
    expect(b.taken).toEqual([]);
  });

  it('that has the id of another one is refused, and is the same after a reboot', async () => {
    const store = createMemoryStore();
    const a = await host(store, 1);
    const again = await host(store, 1, { instance: 'another boot' });
    expect(again.cluster.why).toBeUndefined();
    await again.make(overlayNetwork('net'));
    const copy = new Host(store, 1, { from: a, instance: 'a copy', advertise: '192.0.2.77:2376' });
    hosts.push(copy);
    await copy.cluster.introduce();
    await copy.cluster.begin(50);
    await expect(
      copy.make(overlayNetwork('two', { overlay: { vnis: [300], mtu: 1450, encrypted: false } })),
    ).rejects.toThrow(/another engine \(host1, 192.0.2.1:2376\) is in the cluster with the id of this one/);
  });
});
