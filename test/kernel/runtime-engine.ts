/** An engine that is killed: starts the containers of a bench in another process. Run by the survival test. */
import { createLogger } from '../../src/observe/logger.ts';
import { openRuntime } from '../../src/runtime/open.ts';
import type { StartSpec } from '../../src/runtime/runtime.ts';

interface Job {
  readonly root: string;
  readonly dataRoot: string;
  readonly cgroupParent: string;
  readonly starts: readonly { readonly spec: StartSpec; readonly start: boolean }[];
}

const { starts, ...options } = JSON.parse(process.argv[2] ?? '') as Job;
const runtime = await openRuntime({ ...options, logger: createLogger('error') });
for (const { spec, start } of starts) {
  await runtime.create(spec);
  if (start) await runtime.start(spec.container.id);
}
console.log('started');
setInterval(() => undefined, 1000);
