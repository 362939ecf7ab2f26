import { describe, expect, it } from 'vitest';
import { type Cluster, image, images, replicas, slots, start } from '../../../test/swarm/cluster.ts';
import { service } from '../../../test/swarm/fixture.ts';

describe('an update', () => {
  const config = (more: object) => ({ Parallelism: 1, MaxFailureRatio: 0, Monitor: 5e9, ...more });
  const rolling = (more: object, Image = 'busybox:2') =>
    service('web', {
      ...replicas(4),
      UpdateConfig: config(more),
      task: { ...image(Image), RestartPolicy: { Delay: 0 } },
    });
  const begin = (more: object = {}) => {
    const { cluster } = start();
    const { id } = cluster.create(rolling(more, 'busybox'));
    cluster.settle();
    return { cluster, id };
  };
  const fresh = (cluster: Cluster, id: string) =>
    images(cluster.running(id)).filter((one) => one === 'busybox:2').length;

  it('goes on one by one, with its delay, and is complete after its last task was watched', () => {
    const { cluster, id } = begin({ Delay: 10e9 });
    cluster.update(id, rolling({ Delay: 10e9 }));
    const seen = [0, 5, 10, 10, 10].map((seconds) => {
      cluster.pass(seconds);
      return fresh(cluster, id);
    });
    expect(seen).toEqual([1, 1, 2, 3, 4]);
    expect(cluster.service(id).updateStatus?.state).toBe('updating');
    cluster.pass(11);
    expect(cluster.service(id).updateStatus).toMatchObject({
      state: 'completed',
      message: 'update completed',
    });
    expect(slots(cluster.running(id))).toEqual([1, 2, 3, 4]);
  });

  it('by start-first never has fewer, and by stop-first never two of a slot', () => {
    for (const Order of ['start-first', 'stop-first']) {
      const { cluster, id } = begin({ Order, Parallelism: 2 });
      cluster.update(id, rolling({ Order, Parallelism: 2 }));
      const alive: number[] = [];
      for (let i = 0; i < 200; i++) {
        cluster.decide();
        cluster.work();
        cluster.now += 100;
        alive.push(cluster.tasks(id).filter(({ status }) => status.state === 'running').length);
      }
      expect([fresh(cluster, id), cluster.service(id).updateStatus?.state]).toEqual([4, 'completed']);
      if (Order === 'start-first') expect(Math.min(...alive)).toBe(4);
      else expect([Math.max(...alive), Math.min(...alive)]).toEqual([4, 2]);
    }
  });

  it.each<[string, object, string, string, number]>([
    ['pauses', {}, 'paused', 'update paused due to failure or early termination of task', 0],
    ['is turned back', { FailureAction: 'rollback' }, 'rollback_completed', 'rollback completed', 0],
    ['goes on', { FailureAction: 'continue' }, 'completed', 'update completed', 0],
    ['goes on below the ratio', { MaxFailureRatio: 1 }, 'completed', 'update completed', 0],
  ])('that fails %s', (_what, more, state, message, _count) => {
    const { cluster, id } = begin(more);
    let failures = 1;
    cluster.fails = ({ spec }) =>
      spec.ContainerSpec?.Image === 'busybox:2' && failures-- > 0 ? 'failed' : undefined;
    cluster.update(id, rolling(more));
    cluster.pass(60);
    const { updateStatus } = cluster.service(id);
    expect([updateStatus?.state, updateStatus?.message]).toEqual([state, expect.stringContaining(message)]);
    expect(slots(cluster.running(id))).toEqual([1, 2, 3, 4]);
    if (state === 'completed') expect(fresh(cluster, id)).toBe(4);
    if (state === 'rollback_completed') expect(fresh(cluster, id)).toBe(0);
  });

  it('that no task survives is turned back, or stays paused with the rest as it was', () => {
    for (const [more, left] of [
      [{ FailureAction: 'rollback' }, 4],
      [{}, 3],
    ] as const) {
      const { cluster, id } = begin(more);
      cluster.fails = ({ spec }) => (spec.ContainerSpec?.Image === 'busybox:2' ? 'failed' : undefined);
      cluster.update(id, rolling(more));
      for (let i = 0; i < 100; i++) {
        cluster.decide();
        cluster.work();
        cluster.now += 200;
      }
      expect(images(cluster.running(id))).toEqual(Array(left).fill('busybox'));
    }
  });

  it('goes back one by one, also when it is asked of a manager whose clock is ahead', () => {
    const { cluster, id } = begin();
    cluster.update(id, rolling({}));
    cluster.pass(30);
    cluster.now += 60_000;
    cluster.update(id, rolling({}), true);
    cluster.now -= 60_000;
    for (let i = 0; i < 60; i++) {
      cluster.decide();
      cluster.work();
      cluster.now += 100;
      expect(cluster.running(id).length).toBeGreaterThanOrEqual(3);
    }
    expect(fresh(cluster, id)).toBe(0);
  });

  it('survives another leader at each step', () => {
    const { cluster, id } = begin();
    cluster.update(id, rolling({}));
    for (let i = 0; i < 400; i++) {
      cluster.changeLeader();
      cluster.decide();
      cluster.work();
      cluster.now += 100;
      expect(cluster.running(id).length).toBeGreaterThanOrEqual(3);
    }
    expect([fresh(cluster, id), cluster.service(id).updateStatus?.state]).toEqual([4, 'completed']);
  });

  it('of the scale alone replaces nothing, also where a client has filled in defaults', () => {
    const { cluster, id } = begin();
    const ids = () => new Set(cluster.running(id).map((task) => task.id));
    const before = ids();
    const spec = rolling({}, 'busybox');
    cluster.update(id, {
      ...spec,
      ...replicas(5),
      TaskTemplate: { ...spec.TaskTemplate, ForceUpdate: 0, Runtime: 'container', Placement: {} },
    });
    cluster.settle();
    expect(before.isSubsetOf(ids())).toBe(true);
    cluster.update(id, { ...spec, TaskTemplate: { ...spec.TaskTemplate, ForceUpdate: 1 } });
    cluster.pass(120);
    expect(before.isDisjointFrom(ids())).toBe(true);
  });
});
