import { describe, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { withState } from './containers.ts';
import type { Change } from './tables.ts';
import { takeBack } from './take-back.ts';

/** Make the changes, let others do theirs, take the first ones back. */
function takenBack(
  { model }: ReturnType<typeof world>,
  made: readonly Change[],
  meanwhile: readonly Change[] = [],
): void {
  const inverse = model.apply(made);
  model.apply(meanwhile);
  model.apply(takeBack(model, made, inverse));
}

describe('taking a change back', () => {
  it('puts a record back as it was', () => {
    const here = world();
    const web = here.container('web');
    takenBack(here, [{ table: 'containers', put: { ...web, restartCount: 3 } }]);
    expect(here.model.get('containers', web.id)).toEqual(web);
  });

  it('removes what the change made, and brings back what it removed', () => {
    const here = world();
    const web = here.container('web');
    const made = { ...web, id: 'b'.repeat(64), name: 'made' };
    takenBack(here, [
      { table: 'containers', put: made },
      { table: 'containers', remove: web.id },
    ]);
    expect(here.model.containerByName('made')).toBeUndefined();
    expect(here.model.containerByName('web')).toEqual(web);
  });

  it('keeps what somebody else has changed in the same record', () => {
    const here = world();
    const web = here.container('web');
    const joined = { ...web, networks: [] };
    const stopped = withState(joined, { stoppedByUser: true });
    takenBack(here, [{ table: 'containers', put: joined }], [{ table: 'containers', put: stopped }]);
    const now = here.model.get('containers', web.id);
    expect(now?.networks).toEqual(web.networks);
    expect(now?.state.stoppedByUser).toBe(true);
  });

  it('does not bring back what somebody else has removed', () => {
    const here = world();
    const web = here.container('web');
    takenBack(
      here,
      [{ table: 'containers', put: { ...web, sandboxId: 's' } }],
      [{ table: 'containers', remove: web.id }],
    );
    expect(here.model.get('containers', web.id)).toBeUndefined();
  });

  it('takes a record that is in the list twice back to what it was before the first', () => {
    const here = world();
    const web = here.container('web');
    takenBack(here, [
      { table: 'containers', put: { ...web, restartCount: 1 } },
      { table: 'containers', put: { ...web, restartCount: 2 } },
    ]);
    expect(here.model.get('containers', web.id)?.restartCount).toBe(0);
  });

  it('takes a field away that the change added', () => {
    const here = world();
    const web = here.container('web');
    const health = { status: 'starting', failingStreak: 0, log: [] } as const;
    const checked = { ...web, state: { ...web.state, health } };
    takenBack(
      here,
      [{ table: 'containers', put: checked }],
      [{ table: 'containers', put: { ...checked, restartCount: 5 } }],
    );
    expect(here.model.get('containers', web.id)).toEqual({ ...web, restartCount: 5 });
  });
});
