import { describe, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { blankConfig } from './blank.ts';
import { openSandbox } from './sandboxes.ts';
import { closeSandbox, joinSandbox, leaveSandbox, sandboxOf } from './sharing.ts';
import type { Change } from './tables.ts';
import { takeBack } from './take-back.ts';

function joined() {
  const here = world();
  const { model, sandboxContext } = here;
  const owner = here.container('web', { config: { ...blankConfig, Hostname: 'h', Domainname: 'd' } });
  const { sandbox, changes } = openSandbox(model, owner, sandboxContext);
  model.apply(changes);
  const side = here.container('side', {
    config: { ...blankConfig, Env: ['A=1'] },
    hostConfig: { NetworkMode: 'container:web' },
  });
  model.apply(joinSandbox(side, sandbox));
  return { here, model, owner, sandbox, side };
}

describe('a container that joins another’s network', () => {
  it('is called as the other is inside, and keeps the rest of what was asked', () => {
    const { model, side, sandbox } = joined();
    const now = model.get('containers', side.id);
    expect(now?.config).toEqual({ ...side.config, Hostname: 'h', Domainname: 'd' });
    expect(now?.hostConfig).toEqual(side.hostConfig);
    expect(now && sandboxOf(model, now)?.id).toBe(sandbox.id);
  });

  it('is still in it when the owner starts again, and is the same one’s', () => {
    const { here, model, owner, side, sandbox } = joined();
    model.apply(leaveSandbox(model, owner.id));
    const changes = openSandbox(model, owner, here.sandboxContext).changes;
    expect(changes.filter((one) => one.table === 'containers')).toHaveLength(1);
    model.apply(changes);
    expect(model.get('containers', side.id)?.hostConfig.NetworkMode).toBe(`container:${owner.id}`);
    expect(
      model
        .containersOfSandbox(sandbox.id)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['side', 'web']);
  });

  it('leaves nobody else’s record changed, the heir’s own network mode least', () => {
    const { here, model, owner, side } = joined();
    const third = here.container('third', { hostConfig: { NetworkMode: 'host' } });
    model.apply(leaveSandbox(model, owner.id));
    model.apply([{ table: 'containers', remove: owner.id }]);
    const heir = here.container('web');
    model.apply(openSandbox(model, heir, here.sandboxContext).changes);
    expect(model.get('containers', third.id)).toEqual(third);
    const now = model.get('containers', side.id);
    expect(now?.hostConfig).toEqual({ ...side.hostConfig, NetworkMode: `container:${heir.id}` });
  });

  it('leaves alone: the owner and its ports stay as they are', () => {
    const { model, owner, side, sandbox } = joined();
    const changes = leaveSandbox(model, side.id);
    expect(changes.map(({ table }) => table)).toEqual(['containers']);
    model.apply(changes);
    expect(model.get('containers', side.id)?.sandboxId).toBe('');
    expect(model.sandboxOfContainer(owner.id)?.id).toBe(sandbox.id);
    expect(leaveSandbox(model, side.id)).toEqual([]);
  });
});

describe('leaving what is not there', () => {
  it('changes nothing', () => {
    const { model, here } = joined();
    const idle = here.container('idle');
    expect(leaveSandbox(model, 'gone')).toEqual([]);
    expect(leaveSandbox(model, idle.id)).toEqual([]);
    expect(closeSandbox(model, 'gone')).toEqual([]);
  });

  it('forgets a sandbox that is gone already', () => {
    const { model, here } = joined();
    const lost = { ...here.container('lost'), sandboxId: 'gone' };
    model.apply([{ table: 'containers', put: lost }]);
    expect(leaveSandbox(model, lost.id)).toEqual([{ table: 'containers', put: { ...lost, sandboxId: '' } }]);
  });
});

describe('taking a change back', () => {
  function changed(first: Change[], meanwhile: Change[], here = world()) {
    const inverse = here.model.apply(first);
    here.model.apply(meanwhile);
    here.model.apply(takeBack(here.model, first, inverse));
    return here.model;
  }

  it('keeps what somebody has changed since beside what goes back', () => {
    const here = world();
    const { id, ...rest } = here.network('net', { labels: { a: '1' } });
    const before = { id, ...rest, configFrom: 'was' };
    here.model.apply([{ table: 'networks', put: before }]);
    const after = { ...before, configFrom: '', internal: true };
    const since = { ...after, attachable: true };
    const model = changed([{ table: 'networks', put: after }], [{ table: 'networks', put: since }], here);
    expect(model.get('networks', id)).toEqual({ ...before, attachable: true });
  });

  it('goes from the last of several changes of one record to before the first', () => {
    const here = world();
    const made = here.network('net');
    const one = { ...made, internal: true };
    const two = { ...one, attachable: true };
    const since = { ...two, labels: { by: 'somebody' } };
    const model = changed(
      [
        { table: 'networks', put: one },
        { table: 'networks', put: two },
      ],
      [{ table: 'networks', put: since }],
      here,
    );
    expect(model.get('networks', made.id)).toEqual({ ...made, labels: { by: 'somebody' } });
  });

  it('takes a key away that the change brought, and brings one back that it took', () => {
    const here = world();
    const made = here.container('web');
    const { startedAt: _, ...less } = made.state;
    const after = { ...made, state: less, extra: 1 } as unknown as typeof made;
    const since = { ...after, restartCount: 7 };
    const model = changed([{ table: 'containers', put: after }], [{ table: 'containers', put: since }], here);
    expect(model.get('containers', made.id)).toEqual({ ...made, restartCount: 7 });
    expect(Object.keys(model.get('containers', made.id) ?? {})).not.toContain('extra');
  });

  it('does not put back over what somebody has recreated', () => {
    const here = world();
    const made = here.network('net');
    const anew = { ...made, labels: { anew: 'yes' } };
    const model = changed([{ table: 'networks', remove: made.id }], [{ table: 'networks', put: anew }], here);
    expect(model.get('networks', made.id)).toEqual(anew);
  });
});
