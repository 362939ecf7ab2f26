/** Prints the time of day at which each endpoint comes into a cluster's store, in milliseconds: `node watch-store.ts URL`. */
import { root } from '../../../src/cluster/keys.ts';
import { openKv } from '../../../src/kv/open.ts';
import { parseSource } from '../../../src/kv/source.ts';

const kv = await openKv(parseSource(process.argv[2] ?? ''), { folder: root });
const ended = new AbortController();
process.once('SIGTERM', () => ended.abort());
// a store that is away leaves nothing that keeps a process alive
const alive = setInterval(() => undefined, 60_000);
for await (const update of kv.watch('endpoints', { signal: ended.signal })) {
  if (update.kind === 'snapshot') console.log('ready');
  else for (const { key } of update.put) console.log(`${Date.now()} ${key.split('/').at(-1)}`);
}
await kv.close();
clearInterval(alive);
