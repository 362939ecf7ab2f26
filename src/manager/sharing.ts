/** Tasks of one service mostly say the same: what is equal is one object in memory. Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { SwarmChange, SwarmService, SwarmTask, SwarmView } from '../swarm/records.ts';

type Shared = Pick<SwarmTask, 'spec' | 'ports' | 'service'>;

/** As they were read from the store; equal parts are those of the first such task, or of the service that is known. */
export function sharing(changes: readonly SwarmChange[], view: SwarmView): readonly SwarmChange[] {
  const known = new Map<string, Shared>();
  return changes.map((change) => {
    if (change.table !== 'tasks' || !('put' in change) || change.put.serviceId === '') return change;
    const { put } = change;
    const key = `${put.serviceId} ${put.specVersion}`;
    const first = known.get(key) ?? fromService(view.get('services', put.serviceId), put);
    const { spec, ports, service } = first;
    known.set(key, first);
    return {
      table: 'tasks',
      put: {
        ...put,
        spec: same(spec, put.spec),
        ports: same(ports, put.ports),
        service: same(service, put.service),
      },
    };
  });
}

function fromService(found: SwarmService | undefined, task: SwarmTask): Shared {
  const { spec, ports, service } = task;
  if (found?.specVersion !== task.specVersion) return { spec, ports, service };
  return {
    spec: same(found.spec.TaskTemplate, spec),
    ports: same(found.endpoint?.ports ?? ports, ports),
    service,
  };
}

const same = <T>(known: T, read: T): T => (isDeepStrictEqual(known, read) ? known : read);
