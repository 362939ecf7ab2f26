import { describe, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import type { Container } from './container.ts';
import { openSandbox } from './sandboxes.ts';
import { joinSandbox, leaveSandbox, sandboxOf } from './sharing.ts';

type World = ReturnType<typeof world>;

/** An owner that runs, and one that has joined it. */
function shared() {
  const here = world();
  here.network('net');
  const owner = here.container('web', { hostConfig: { NetworkMode: 'net' } });
  const sandbox = start(here, owner);
  const side = here.container('side', { hostConfig: { NetworkMode: 'container:web' } });
  here.model.apply(joinSandbox(side, sandbox));
  return { here, owner, side, sandbox };
}

function start({ model, sandboxContext }: World, container: Container) {
  const { sandbox, changes } = openSandbox(model, container, sandboxContext);
  model.apply(changes);
  return sandbox;
}

const leave = ({ model }: World, { id }: Container) => model.apply(leaveSandbox(model, id));

describe('a sandbox that several containers are in', () => {
  it('outlives its owner without endpoints, and is the very one that the owner has at its next start', () => {
    const { here, owner, sandbox } = shared();
    leave(here, owner);
    const parked = here.model.get('sandboxes', sandbox.id);
    expect(parked).toMatchObject({ containerId: '', parked: { containerId: owner.id, name: 'web' } });
    expect(here.model.endpointsOfSandbox(sandbox.id)).toEqual([]);
    expect(here.model.sandboxOfContainer(owner.id)).toBeUndefined();
    const again = start(here, owner);
    expect([again.id, again.path, again.parked]).toEqual([sandbox.id, sandbox.path, undefined]);
    expect(here.model.endpointsOfSandbox(sandbox.id)).toHaveLength(1);
  });

  it('passes, with the containers that joined it, to a new container of the same name', () => {
    const { here, owner, side, sandbox } = shared();
    leave(here, owner);
    here.model.apply([{ table: 'containers', remove: owner.id }]);
    const heir = here.container('web', { hostConfig: { NetworkMode: 'net' } });
    expect(start(here, heir).id).toBe(sandbox.id);
    const now = here.model.get('containers', side.id);
    expect(now?.hostConfig.NetworkMode).toBe(`container:${heir.id}`);
    expect(now && sandboxOf(here.model, now)?.id).toBe(sandbox.id);
  });

  it('is not for a container of another name, nor for one in the namespace of the host', () => {
    const { here, owner, sandbox } = shared();
    leave(here, owner);
    here.model.apply([{ table: 'containers', remove: owner.id }]);
    expect(start(here, here.container('other')).id).not.toBe(sandbox.id);
    expect(start(here, here.container('web', { hostConfig: { NetworkMode: 'host' } })).id).not.toBe(
      sandbox.id,
    );
  });

  it('ends with the last one that is in it, whoever that is', () => {
    const first = shared();
    leave(first.here, first.owner);
    leave(first.here, first.side);
    expect(first.here.model.get('sandboxes', first.sandbox.id)).toBeUndefined();
    const second = shared();
    leave(second.here, second.side);
    expect(second.here.model.get('sandboxes', second.sandbox.id)).toBeDefined();
    leave(second.here, second.owner);
    expect(second.here.model.get('sandboxes', second.sandbox.id)).toBeUndefined();
  });
});
