/** Prints all records of a cluster's store as JSON. Run in the network namespace of the store's host: `node read-store.ts URL`. */
import { root } from '../../../src/cluster/keys.ts';
import { openKv } from '../../../src/kv/open.ts';
import { parseSource } from '../../../src/kv/source.ts';

const kv = await openKv(parseSource(process.argv[2] ?? ''), { folder: root });
const { entries } = await kv.range('', { deadline: 20_000 });
console.log(JSON.stringify(Object.fromEntries(entries.map(({ key, value }) => [key, JSON.parse(value)]))));
await kv.close();
