import { expect, it, vi } from 'vitest';
import { world } from '../../../../test/model/fixture.ts';
import { fail } from '../../../errors.ts';
import { openSandbox } from '../../../model/sandboxes.ts';
import type { Change } from '../../../model/tables.ts';
import type { SwarmTask } from '../../../swarm/records.ts';
import { Attachments } from './attachments.ts';

const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };

/** A node whose manager gives a place on `att` to whoever asks. */
function node() {
  const made = world();
  const { model } = made;
  const local = made.network('att');
  model.apply([{ table: 'networks', remove: local.id }]);
  const att = { ...local, id: 'xatt' };
  const records = { arrive: vi.fn(async (changes: readonly Change[]) => void model.apply(changes)) };
  const task = (containerId: string): SwarmTask => ({
    ...{ id: 't1', version: 1, createdAt: '', updatedAt: '', serviceId: '' },
    ...{ service: { Name: '', Labels: {} }, slot: 0, nodeId: 'n1', specVersion: 0, ports: [] },
    spec: { NetworkAttachmentSpec: { ContainerID: containerId } },
    attachments: [{ networkId: att.id, addresses: [], mac: '', aliases: [] }],
    desiredState: 'running',
    status: { timestamp: '', state: 'assigned', message: '', error: '' },
  });
  const link = {
    attach: vi.fn(async ({ containerId }: { readonly containerId: string }) => ({
      task: task(containerId),
      network: att,
    })),
    detach: vi.fn(),
    rename: vi.fn(async (_task: string, _name: string) => undefined),
  };
  const reconciler = { convergeSandbox: vi.fn(async (_id: string) => 0) };
  const attachments = new Attachments({ core: { logger, model, records, reconciler } as never, link });
  const ask = (containerId: string) => ({
    ...{ network: 'att', containerId, name: 'web', ipv4: '', ipv6: '', aliases: [] },
  });
  return { ...made, att, link, reconciler, attachments, task, ask };
}

it('a place brings its network, waits for the set that has it, and goes with its endpoint', async () => {
  const { model, attachments, link, reconciler, task, ask, container, sandboxContext, att } = node();
  const web = container('web', { hostConfig: { NetworkMode: 'att' } });
  const attaching = attachments.attach(ask(web.id));
  await vi.waitFor(() => expect(model.get('networks', att.id)).toBeDefined());
  expect(attachments.networks()).toEqual([att]);
  attachments.update([task(web.id)]);
  expect((await attaching).task.id).toBe('t1');
  expect(attachments.networks()).toEqual([]);
  expect(link.detach).not.toHaveBeenCalled();
  const opened = openSandbox(model, web, sandboxContext);
  model.apply(opened.changes);
  attachments.attached('t1');
  expect(link.detach).not.toHaveBeenCalled();
  model.apply(
    model.endpointsOfSandbox(opened.sandbox.id).map(({ id }) => ({ table: 'endpoints', remove: id })),
  );
  const dropped = Promise.withResolvers<number>();
  reconciler.convergeSandbox.mockReturnValue(dropped.promise);
  attachments.note({ type: 'network', action: 'disconnect', id: att.id, attributes: {}, time: 0n });
  await vi.waitFor(() => expect(reconciler.convergeSandbox).toHaveBeenCalledWith(opened.sandbox.id));
  // another node could have the address at once
  expect(link.detach).not.toHaveBeenCalled();
  dropped.resolve(1);
  await vi.waitFor(() => expect(link.detach).toHaveBeenCalledExactlyOnceWith('t1'));
  attachments.update([task(web.id)]);
  expect(link.detach).toHaveBeenCalledTimes(1);
});

it('a place whose container does not start is given back', async () => {
  const { attachments, link, task, ask } = node();
  const attaching = attachments.attach(ask('c1'));
  await vi.waitFor(() => expect(attachments.networks()).toHaveLength(1));
  attachments.update([task('c1')]);
  await attaching;
  attachments.attached('t1');
  expect(link.detach).toHaveBeenCalledExactlyOnceWith('t1');
});

it('a refusal names the network, as Docker does', async () => {
  const { attachments, link, ask } = node();
  link.attach.mockRejectedValue(fail('SWARM_DENIED', 'network att not manually attachable'));
  await expect(attachments.attach(ask('c1'))).rejects.toThrow(
    'Could not attach to network att: rpc error: code = PermissionDenied desc = network att not manually attachable',
  );
});

it('a new name of its container is told to the managers until they have it', async () => {
  const { model, attachments, link, task, ask, container, sandboxContext } = node();
  const web = container('web', { hostConfig: { NetworkMode: 'att' } });
  const attaching = attachments.attach(ask(web.id));
  const given = { ...task(web.id), service: { Name: web.name, Labels: {} } };
  await vi.waitFor(() => expect(attachments.networks()).toHaveLength(1));
  attachments.update([given]);
  await attaching;
  model.apply(openSandbox(model, web, sandboxContext).changes);
  attachments.attached('t1');
  expect(link.rename).not.toHaveBeenCalled();
  link.rename.mockRejectedValueOnce(fail('SWARM_NO_LEADER'));
  model.apply([{ table: 'containers', put: { ...web, name: 'shop' } }]);
  attachments.note({ type: 'container', action: 'rename', id: web.id, attributes: {}, time: 0n });
  await vi.waitFor(() => expect(link.rename).toHaveBeenCalledExactlyOnceWith('t1', 'shop'));
  attachments.update([given]);
  await vi.waitFor(() => expect(link.rename).toHaveBeenCalledTimes(2));
  attachments.update([{ ...given, service: { Name: 'shop', Labels: {} } }]);
  expect(link.rename).toHaveBeenCalledTimes(2);
});
