import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { withState } from '../model/containers.ts';
import { openSandbox } from '../model/sandboxes.ts';
import type { Change, View } from '../model/tables.ts';
import { findLeftAlone, type LeavingAlone } from './left-alone.ts';

const root = mkdtempSync(join(tmpdir(), 'seaway-left-alone-'));
afterAll(() => rmSync(root, { recursive: true }));

/** An engine whose records know containers: as created, or with the process of `pid` in a sandbox. */
function engine(name: string, known: Readonly<Record<string, number>>) {
  const { model, container, sandboxContext } = world();
  const dataRoot = join(root, name);
  for (const folder of ['state', 'roots', 'containers'])
    mkdirSync(join(dataRoot, folder), { recursive: true });
  const ids = Object.entries(known).map(([each, pid]) => {
    const made = container(each);
    if (pid === 0) return made.id;
    const { sandbox, changes } = openSandbox(model, made, sandboxContext);
    model.apply(changes);
    const running = withState({ ...made, sandboxId: sandbox.id }, { status: 'running', pid });
    model.apply([{ table: 'containers', put: running }]);
    return made.id;
  });
  const core = {
    ...{ model, leftAlone: new Set<string>() },
    config: { dataRoot },
    folders: { containers: join(dataRoot, 'containers') },
    generate: { now: () => '2026-01-01T00:00:00Z' },
    records: { keep: async (decide: (view: View) => readonly Change[]) => void model.apply(decide(model)) },
    retries: { once: async () => undefined },
  } as unknown as LeavingAlone;
  const stateOf = (id: string) => {
    const { status, pid } = model.get('containers', id)?.state ?? {};
    return `${status} ${pid} ${model.sandboxOfContainer(id) ? 'with' : 'without'} a sandbox`;
  };
  const note = (): unknown => JSON.parse(readFileSync(join(dataRoot, 'state/left-alone.json'), 'utf8'));
  return { core, ids, stateOf, note };
}

const stranger = 'f'.repeat(64);

test('after the copy: what runs is on record as it runs, and what the copy does not know of it is left alone', async () => {
  const { core, ids, stateOf, note } = engine('copy', { same: 11, again: 12, late: 0, idle: 0 });
  const [same = '', again = '', late = '', idle = ''] = ids;
  const running = new Map([
    [same, 11],
    [again, 22],
    [late, 33],
    [stranger, 44],
  ] as const);
  await findLeftAlone(core, 'copy', running);
  expect(ids.map(stateOf)).toEqual([
    'running 11 with a sandbox',
    'running 22 without a sandbox',
    'running 33 without a sandbox',
    'created 0 without a sandbox',
  ]);
  expect(core.leftAlone).toEqual(new Set([again, late, stranger]));
  expect(note()).toEqual([again, late, stranger]);
  expect(core.leftAlone.has(idle)).toBe(false);
  core.leftAlone.clear();
  await findLeftAlone(core, 'kept', running);
  expect(core.leftAlone, 'at the next start').toEqual(new Set([again, late, stranger]));
  core.leftAlone.clear();
  await findLeftAlone(core, 'kept', new Map([[same, 11]]));
  expect(core.leftAlone, 'once they have ended').toEqual(new Set());
});

test('a store that is whole is believed: a process that it knows nothing of is no container’s', async () => {
  const { core, ids, stateOf } = engine('store', { late: 0 });
  await findLeftAlone(core, 'kept', new Map([[ids[0] ?? '', 33]]));
  expect(ids.map(stateOf)).toEqual(['created 0 without a sandbox']);
  expect(core.leftAlone).toEqual(new Set());
});
