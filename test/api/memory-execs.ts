import type { ExecDetail, ExecVerbs } from '../../src/engine/exec-verbs.ts';
import { fail } from '../../src/errors.ts';
import type { Events } from '../../src/observe/events.ts';
import { finder, type MemoryContainers } from './memory-containers.ts';
import { hex } from './records.ts';

/** The exit of an exec is known a little later than the end of its output, as in life. */
export function execVerbs(
  { details, stream }: Pick<MemoryContainers, 'details' | 'stream'>,
  events: Events,
): ExecVerbs {
  const find = finder(details);
  const all = new Map<string, ExecDetail>();
  const get = (id: string): ExecDetail => {
    const found = all.get(id);
    if (!found) throw fail('EXEC_NOT_FOUND', id);
    return found;
  };
  return {
    async create(ref, request) {
      const containerId = find(ref).container.id;
      if (request.args.length === 0) throw fail('BAD_REQUEST', 'No exec command specified');
      all.set(hex('9'), { id: hex('9'), containerId, request, running: false, exitCode: undefined, pid: 0 });
      return hex('9');
    },
    get,
    refuseStart: (id) => void get(id),
    async start(id, { detach }) {
      all.set(id, { ...get(id), running: true });
      const attached = stream();
      const ended = (): void => {
        all.set(id, { ...get(id), running: false, exitCode: 0 });
        events.emit({ type: 'container', action: 'exec_die', id: '', attributes: { execID: id } });
      };
      attached.once('end', () => setTimeout(ended, 50));
      return detach ? undefined : attached;
    },
    resize: async () => undefined,
  };
}
