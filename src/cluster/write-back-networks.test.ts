import { afterEach, expect, it } from 'vitest';
import { containerOf } from '../../test/api/records.ts';
import { hex, hostsOfTest, keysOf, overlayNetwork } from '../../test/cluster/host.ts';
import { eventually } from '../../test/eventually.ts';
import { createMemoryStore } from '../../test/kv/memory-kv.ts';
import { blankEndpointSpec } from '../model/blank.ts';

const { host, close } = hostsOfTest();
afterEach(close);

it('a store that was wiped gets back a network that only a container that does not run is to be on', async () => {
  const store = createMemoryStore();
  const [a, b] = [await host(store, 1), await host(store, 2)];
  await a.make(overlayNetwork('net'));
  const put = containerOf(hex('c'), { Image: 'busybox' }, { networks: [blankEndpointSpec('net')] });
  await a.records.keep(() => [{ table: 'containers', put }]);
  await eventually(() => expect(b.model.networkByName('net')).toBeDefined());
  store.wipe();
  await eventually(() => expect(keysOf(store, 'names')).toHaveLength(1));
  // until the others were given time to write back, no address is given
  await eventually(async () => expect((await a.join('one')).addresses).toEqual(['10.7.0.2/24']));
  await eventually(() => expect(b.members()).toEqual(['one 10.7.0.2/24']));
});
