import { afterEach, describe, expect, it } from 'vitest';
import { Host, hex, hostsOfTest, keysOf, overlayNetwork } from '../../test/cluster/host.ts';
import { eventually } from '../../test/eventually.ts';
import { createMemoryStore } from '../../test/kv/memory-kv.ts';
import { fail } from '../errors.ts';

const { hosts, host, close } = hostsOfTest();
afterEach(close);

describe('records that others have written', () => {
  const id = hex('evil');
  const evil: Readonly<Record<string, string>> = {
    'nodes/zz': '{}',
    [`nodes/${id}`]: 'no JSON',
    [`nodes/${hex('e2')}`]: JSON.stringify({
      format: 1,
      level: 1,
      node: { id: hex('e2'), name: 'x', advertise: '', data4: '127.0.0.1', instance: '', mtu: 1500 },
    }),
    [`networks/${id}`]: JSON.stringify({ format: 1, network: { id, name: 'no network' } }),
    [`networks/${hex('new')}`]: JSON.stringify({ format: 2, network: {} }),
    [`networks/${hex('wrong')}`]: JSON.stringify({
      format: 1,
      network: { ...overlayNetwork('net'), parsed: undefined },
    }),
    [`endpoints/${hex('net')}/${id}`]: JSON.stringify({
      format: 1,
      peer: {
        id,
        networkId: hex('net'),
        nodeId: hex('node1'),
        name: 'x',
        dnsNames: [],
        addresses: ['192.0.2.1/24'],
        mac: '02:00:00:00:00:01',
      },
    }),
    [`endpoints/${hex('net')}/${hex('e3')}`]: JSON.stringify({
      format: 1,
      peer: {
        id: hex('e3'),
        networkId: hex('net'),
        nodeId: hex('nobody'),
        name: 'x',
        dnsNames: [],
        addresses: ['10.7.0.99/24'],
        mac: '02:00:00:00:00:01',
      },
    }),
    'what/is/this': '1',
  };

  it('and are none, are left out by name: the others come in', async () => {
    const store = createMemoryStore();
    const a = await host(store, 1);
    await a.make(overlayNetwork('net'));
    const hostile = store.connect('seaway/v1');
    await hostile.transact({ put: Object.entries(evil).map(([key, value]) => ({ key, value })) });
    const b = await host(store, 2);
    await b.join('two');
    await eventually(() => expect(a.members()).toEqual(['two 10.7.0.2/24']));
    expect([...a.model.all('networks')].map(({ name }) => name)).toEqual(['net']);
    expect([...a.model.all('nodes')].map(({ name }) => name).sort()).toEqual(['host1', 'host2']);
    expect([...a.cluster.bad.keys()]).toContain(`networks/${id}`);
  });

  it('keep fields that this version does not know', async () => {
    const store = createMemoryStore();
    const [a, b] = [await host(store, 1), await host(store, 2)];
    await a.make(overlayNetwork('net'));
    const other = store.connect('seaway/v1');
    const key = `networks/${hex('net')}`;
    const { network, ...rest } = JSON.parse(store.dump()[`seaway/v1/${key}`] ?? '{}');
    await other.transact({
      put: [{ key, value: JSON.stringify({ ...rest, later: 1, network: { ...network, colour: 'red' } }) }],
    });
    await b.join('two');
    await eventually(() => expect(a.members()).toHaveLength(1));
    await expect(a.remove('net')).rejects.toThrow('active endpoints');
    const after = JSON.parse(store.dump()[`seaway/v1/${key}`] ?? '{}');
    expect([after.later, after.network.colour, after.removing]).toEqual([1, 'red', undefined]);
    store.wipe();
    await eventually(() =>
      expect(JSON.parse(store.dump()[`seaway/v1/${key}`] ?? '{}').network?.colour).toBe('red'),
    );
  });

  it('of a format that this version does not know are an error by name: nothing is changed', async () => {
    const store = createMemoryStore();
    await store
      .connect('seaway/v1')
      .transact({ put: [{ key: 'state/level', value: JSON.stringify({ format: 1, level: 2 }) }] });
    const a = new Host(store, 1);
    hosts.push(a);
    await a.cluster.introduce();
    await a.cluster.begin(50);
    expect(String(a.degraded.get('cluster:place'))).toContain('records of format 2, this engine knows 1');
    await expect(a.make(overlayNetwork('net'))).rejects.toThrow('records of format 2');
    expect(keysOf(store, 'nodes')).toEqual([]);
  });

  it('of a format that this version does not know, while it runs, leave what it has and change nothing', async () => {
    const store = createMemoryStore();
    const [a, b] = [await host(store, 1), await host(store, 2)];
    await a.make(overlayNetwork('net'));
    await a.join('one');
    await b.join('two');
    await eventually(() => expect(a.members()).toHaveLength(2));
    const newer = store.connect('seaway/v1');
    const peer = `endpoints/${hex('net')}/${hex('two')}`;
    await newer.transact({
      put: [
        { key: 'state/level', value: JSON.stringify({ format: 1, level: 2, colour: 'red' }) },
        { key: peer, value: JSON.stringify({ format: 2, endpoint: { id: hex('two') } }) },
      ],
    });
    await eventually(() => expect(String(a.cluster.why)).toContain('records of format 2'));
    expect(String(a.degraded.get('cluster:place'))).toContain('this engine knows 1');
    const before = store.dump();
    await expect(a.join('three')).rejects.toThrow('records of format 2');
    await expect(a.remove('net')).rejects.toThrow();
    // what runs there is still reached, and what runs here may end
    expect(a.members()).toEqual(['one 10.7.0.2/24', 'two 10.7.0.3/24']);
    await a.leave('one');
    expect(a.members()).toEqual(['two 10.7.0.3/24']);
    await newer.transact({ remove: [peer] });
    await eventually(() => expect(a.members()).toEqual([]));
    expect({ ...before, [`seaway/v1/${peer}`]: undefined }).toEqual({
      ...store.dump(),
      [`seaway/v1/${peer}`]: undefined,
    });
  });

  it('keep fields that this version does not know where a removal was not finished', async () => {
    const store = createMemoryStore();
    const a = await host(store, 1);
    await a.make(overlayNetwork('net'));
    const key = `networks/${hex('net')}`;
    const value = JSON.parse(store.dump()[`seaway/v1/${key}`] ?? '{}');
    const unfinished = { ...value, later: 1, removing: a.id };
    await store.connect('seaway/v1').transact({ put: [{ key, value: JSON.stringify(unfinished) }] });
    await a.cluster.close();
    const again = new Host(store, 1, { from: a });
    hosts.push(again);
    await again.begin();
    await eventually(() =>
      expect(JSON.parse(store.dump()[`seaway/v1/${key}`] ?? '{}')).toEqual({ ...value, later: 1 }),
    );
  });
});

it('names and VNIs of networks that are gone are free', async () => {
  const store = createMemoryStore();
  const a = await host(store, 1);
  const value = JSON.stringify({ format: 1, owner: hex('gone') });
  const left = ['names/net', 'vnis/256'].map((key) => ({ key, value }));
  await store.connect('seaway/v1').transact({ put: left });
  await a.make(overlayNetwork('net'));
  expect(JSON.parse(store.dump()['seaway/v1/vnis/256'] ?? '{}').owner).toBe(hex('net'));
});

it('a backup that is newer than the store before it is read as a whole', async () => {
  const store = createMemoryStore();
  const a = new Host(store, 1);
  hosts.push(a);
  const { watch } = a.kv;
  let isFirst = true;
  // as a store does whose revision has not gone back
  a.kv.watch = async function* (prefix, options) {
    for await (const one of watch.call(a.kv, prefix, options)) {
      yield isFirst || one.kind === 'changes'
        ? one
        : { kind: 'changes', revision: one.revision, put: one.entries, removed: [] };
      isFirst = false;
    }
  };
  await a.begin();
  await a.make(overlayNetwork('net'));
  const saved = store.save();
  const other = store.connect('seaway/v1');
  const epoch = { key: 'state/epoch', value: JSON.stringify({ format: 1, epoch: 'another' }) };
  await other.transact({ put: [epoch] });
  // written once more, later than in the backup
  const key = `networks/${hex('net')}`;
  const value = store.dump()[`seaway/v1/${key}`] ?? '';
  await other.transact({ put: [{ key, value }] });
  await eventually(() => expect(a.cluster.why).toBeUndefined());
  store.restore(saved);
  await eventually(async () => expect((await a.join('one')).addresses).toEqual(['10.7.0.2/24']));
});

it('a network goes with its name and VNI where only the network was heard of', async () => {
  const store = createMemoryStore();
  const a = await host(store, 1);
  const b = new Host(store, 2);
  hosts.push(b);
  const { watch } = b.kv;
  // it sees later changes only where it reads parts of the store again
  b.kv.watch = async function* (prefix, options) {
    for await (const first of watch.call(b.kv, prefix, options)) {
      yield first;
      return;
    }
  };
  await b.begin();
  await a.make(overlayNetwork('net'));
  await b.make(overlayNetwork('other', { ...apart })).catch(() => undefined);
  await b.remove('net');
  expect(keysOf(store, 'names')).not.toContain('names/net');
  expect(keysOf(store, 'vnis')).not.toContain('vnis/256');
});

const apart = {
  overlay: { vnis: [300], mtu: 1450, encrypted: false },
  ipam: { driver: 'default', options: null, pools: [{ subnet: '10.9.0.0/24', auxAddresses: {} }] },
};

it('a whole state comes in by parts, so that the event loop is free in between', async () => {
  const store = createMemoryStore();
  const a = await host(store, 1);
  await a.make(overlayNetwork('net', { ipam: { driver: 'default', options: null, pools: [wide] } }));
  for (let number = 0; number < 450; number++) await a.join(`c${number}`);
  const b = new Host(store, 2);
  hosts.push(b);
  const sizes: number[] = [];
  const { arrive } = b.records;
  b.records.arrive = async (changes) => {
    sizes.push(changes.length);
    await arrive.call(b.records, changes);
  };
  await b.begin();
  expect(b.members()).toEqual(a.members());
  expect(Math.max(...sizes)).toBeLessThanOrEqual(200);
});

const wide = { subnet: '10.8.0.0/16', auxAddresses: {} };

describe('an answer that is lost', () => {
  it('of a claim that was given up leaves nothing to take over while the store is away', async () => {
    const store = createMemoryStore();
    const [a, b] = [await host(store, 1), await host(store, 2)];
    await a.make(overlayNetwork('net'));
    await a.join('one', { address: '10.7.0.9/24' });
    await eventually(() => expect(b.members()).toEqual(['one 10.7.0.9/24']));
    // the removal is done, its answer does not come back, and the store is away
    const { transact } = a.kv;
    a.kv.transact = async (transaction, options) => {
      await transact.call(a.kv, transaction, options);
      a.kv.cut();
      throw fail('KV_TIMEOUT', 'memory', 'transact', 5_000);
    };
    await a.leave('one');
    expect(keysOf(store, 'addresses')).toEqual([]);
    a.kv.transact = transact;
    await eventually(() => expect(b.join('two', { address: '10.7.0.9/24' })).resolves.toBeDefined());
    await expect(a.join('one', { address: '10.7.0.9/24' })).rejects.toThrow();
    a.kv.mend();
    await eventually(() => expect(a.members()).toEqual(['two 10.7.0.9/24']));
    expect([a.taken, b.taken]).toEqual([[], []]);
  });

  it('of a network that was made leaves none behind', async () => {
    const store = createMemoryStore();
    const a = await host(store, 1);
    const { transact } = a.kv;
    let isLost = true;
    a.kv.transact = async (transaction, options) => {
      const result = await transact.call(a.kv, transaction, options);
      if (!isLost) return result;
      isLost = false;
      throw fail('KV_TIMEOUT', 'memory', 'transact', 5_000);
    };
    await expect(a.make(overlayNetwork('net'))).rejects.toThrow('has not answered');
    await eventually(() => expect([...a.model.all('networks')]).toEqual([]));
    await eventually(() => expect(keysOf(store, 'n').filter((key) => !key.startsWith('nodes'))).toEqual([]));
    await a.make(overlayNetwork('net'));
  });
});

it('a disk that refuses leaves nothing in the store', async () => {
  const store = createMemoryStore();
  const a = await host(store, 1);
  await a.make(overlayNetwork('net'));
  a.isDiskFull = true;
  await expect(a.join('one')).rejects.toThrow('the disk is full');
  a.isDiskFull = false;
  await eventually(() => expect(keysOf(store, 'addresses')).toEqual([]));
  expect(a.members()).toEqual([]);
});
