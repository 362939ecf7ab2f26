/**
 * A process that reads what another one writes, for store.test.ts. Takes requests as lines of JSON on
 * standard input and answers each with one.
 */
import { createInterface } from 'node:readline';
import { openNameRecords } from '../../src/store/store.ts';

export type ReaderRequest =
  | { readonly do: 'lookup'; readonly network: string; readonly name: string }
  | { readonly do: 'sandboxes' }
  /** Look again and again, without a turn of the event loop, until the name has that address. */
  | { readonly do: 'await'; readonly network: string; readonly name: string; readonly ipv4: string };

const records = openNameRecords(process.argv[2] ?? '');

function answer(request: ReaderRequest): unknown {
  records.refresh();
  if (request.do === 'sandboxes') return [...records.sandboxes()].map(({ sandboxId }) => sandboxId);
  if (request.do === 'lookup') return records.lookup(request.network, request.name);
  process.stdout.write('"waiting"\n');
  const end = performance.now() + 5000;
  while (performance.now() < end) {
    records.refresh();
    if (records.lookup(request.network, request.name)[0]?.ipv4 === request.ipv4) return 'seen';
  }
  return 'never seen';
}

for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(answer(JSON.parse(line)))}\n`);
