import { expect, it } from 'vitest';
import { container, modelOf, network, nodes, pool } from '../../test/golden/plans/world.ts';
import { fail } from '../errors.ts';
import { MadeUpMacs } from './made-up-macs.ts';

const over = {
  ...network('over', { driver: 'overlay', pools: [pool('10.0.1.0/24')] }),
  overlay: { vnis: [256], mtu: 1450, encrypted: false },
};

/** A host with a container; its bridge has learned `macs` behind the container's port. */
function host(macs: readonly string[]) {
  const model = modelOf({
    networks: [over],
    nodes,
    ...container('c1', [{ on: over, addresses: ['10.0.1.2/24'] }]),
  });
  const listed = new Map<string, string>();
  const told: object[] = [];
  const kernel = { learned: macs, isThere: true };
  const retries = {
    waits: ({ key }: { key: string }, error: Error) => void listed.set(key, error.message),
    succeeded: (key: string) => void listed.delete(key),
    drop: (key: string) => void listed.delete(key),
  };
  const namespace = { route: { findLink: () => ({ index: 7 }) }, learnedBehind: () => kernel.learned };
  const reconciler = {
    namespaceOf: () => {
      if (!kernel.isThere) throw fail('KERNEL', 'open a namespace', 'it is gone');
      return namespace;
    },
  };
  const core = {
    ...{ model, retries, reconciler, logger: { debug: () => {} } },
    events: { emit: (event: object) => void told.push(event) },
  };
  const macsOf = new MadeUpMacs(core as never);
  return { model, listed, told, kernel, look: () => macsOf.look([over.id]) };
}

const [endpoint] = host([]).model.endpointsOfNetwork(over.id);

it('a container that sends by its own address alone is not listed', () => {
  const { look, listed, told } = host([endpoint?.mac ?? '']);
  look();
  expect([listed.size, told]).toEqual([0, []]);
});

it('one that sends by others is listed as long as they are known, and told of once', () => {
  const { look, listed, told, kernel } = host([endpoint?.mac ?? '', '00:00:5e:00:01:01', 'x2', 'x3', 'x4']);
  look();
  look();
  expect([...listed.values()]).toEqual([
    'it sends as 00:00:5e:00:01:01, x2, x3 and others: other hosts do not reach a MAC address that the engine has not given',
  ]);
  expect(told).toMatchObject([{ type: 'network', action: 'warning', id: over.id }]);
  kernel.learned = [];
  look();
  expect(listed.size).toBe(0);
});

it('one that has left is not listed any more, nor does a network without a namespace disturb', () => {
  const { look, listed, kernel, model } = host(['x']);
  look();
  model.apply([{ table: 'endpoints', remove: endpoint?.id ?? '' }]);
  look();
  expect(listed.size).toBe(0);
  kernel.isThere = false;
  expect(look).not.toThrow();
});
