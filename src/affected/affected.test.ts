import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeOf, ids, type Step, sample, sandbox, step } from '../../test/model/changes.ts';
import { driverTable } from '../drivers/table.ts';
import { firewallInput } from '../firewall/from-model.ts';
import { linkedAddress, linksOf } from '../model/links.ts';
import { Model } from '../model/memory.ts';
import { overlay } from '../model/overlay.ts';
import { type Change, tableNames, type View } from '../model/tables.ts';
import { hostNames } from '../names/host-names.ts';
import { planNetworkScope, planSandboxScope } from '../reconcile/plan.ts';
import { affected, scopesOf } from './affected.ts';

const facts = { uplinkMtu: 1500, bridgeNetfilter: true, ipv6: true };
const settings = {
  allowDirectRouting: false,
  acceptFwmark: '',
  clampMss: false,
  dropForwarded: [],
  bridgeNetfilter: true,
  noRawTable: false,
};

/** All that follows from a view, in parts. `now`: the view of after the change. */
const plans = (view: View, now: View) => ({
  networks: new Map([0, 1, 2].map((id) => [ids.network(id), planNetworkScope(view, ids.network(id), facts)])),
  sandboxes: new Map(
    [0, 1, 2].map((id) => [ids.sandbox(id), planSandboxScope(view, ids.sandbox(id), facts)]),
  ),
  ports: new Map(
    [0, 1, 2].map((id) => [ids.sandbox(id), view.get('sandboxes', ids.sandbox(id))?.ports ?? []]),
  ),
  files: new Map(
    [0, 1, 2].map((id) => [ids.container(id), filesOfContainer({ view, now }, ids.container(id))]),
  ),
  firewall: firewallInput(view, settings),
});

/** What the network files of a running container follow from; lines of sources that are not up now, or gone, may stay. */
function filesOfContainer({ view, now }: { view: View; now: View }, id: string): unknown {
  const [container, sandbox] = [view.get('containers', id), view.sandboxOfContainer(id)];
  if (!container || !sandbox) return undefined;
  const links = linksOf(view, container).filter(
    ({ source: { id } }) => now.get('containers', id) && now.sandboxOfContainer(id),
  );
  return {
    sandbox,
    hostname: container.config.Hostname,
    addresses: view.endpointsOfSandbox(sandbox.id).map(({ addresses }) => addresses),
    names: hostNames(view, sandbox),
    links: links.map((link) => [link.source.name, link.alias, linkedAddress(view, link)]),
  };
}

describe('what a change affects', () => {
  it('is all that is planned otherwise than before', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 12 }),
        fc.array(step, { minLength: 1, maxLength: 3 }),
        (past, now) => {
          const before = new Model(driverTable());
          before.apply(past.map(changeOf));
          const after = new Model(driverTable());
          for (const table of tableNames)
            for (const put of before.all(table)) after.apply([{ table, put } as Change]);
          const changes = now.map(changeOf);
          after.apply(changes);
          const scopes = affected({ before, after }, changes);
          const [was, is] = [plans(before, after), plans(after, after)];
          for (const [id, plan] of is.networks)
            if (!scopes.networks.has(id) && !scopes.reached.has(id))
              expect(plan).toEqual(was.networks.get(id));
          for (const [id, plan] of is.sandboxes)
            if (!scopes.sandboxes.has(id)) expect(plan).toEqual(was.sandboxes.get(id));
          for (const [id, ports] of is.ports)
            if (!scopes.ports.has(id)) expect(ports).toEqual(was.ports.get(id));
          for (const [id, files] of is.files)
            if (files && !scopes.files.has(id)) expect(files).toEqual(was.files.get(id));
          if (!scopes.firewall) expect(is.firewall).toEqual(was.firewall);
          // and the same before the commit
          expect(affected({ before, after: overlay(before, changes) }, changes)).toEqual(scopes);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  const view = (...changes: readonly Change[]): Model => {
    const model = new Model(driverTable());
    model.apply(changes);
    return model;
  };
  const put = (what: Step['what'], id: number, kind: number): Change =>
    changeOf({ what, id, kind, gone: false });

  it('is little: an endpoint of an ordinary network is no reason for rules, nor for its network', () => {
    const before = view(put('network', 0, 0), put('network', 1, 0), put('sandbox', 1, 0));
    const changes = [put('sandbox', 0, 0), put('endpoint', 0, 0)];
    const scopes = affected({ before, after: overlay(before, changes) }, changes);
    expect([...scopes.sandboxes]).toEqual([ids.sandbox(0)]);
    expect([scopes.networks.size, scopes.reached.size, scopes.ports.size, scopes.resolver.size]).toEqual([
      0, 0, 0, 0,
    ]);
    expect(scopes.firewall).toBe(false);
  });

  it('is the hosts file of who links to a container that starts, but not of who is down', () => {
    const linked = (id: number, to: number): Change => ({
      table: 'containers',
      put: {
        ...{ ...sample, id: ids.container(id), name: `c${id}` },
        links: [{ id: ids.container(to), name: `c${to}`, alias: 'db' }],
      },
    });
    const before = view(put('container', 2, 0), linked(0, 2), linked(1, 2), put('sandbox', 0, 0));
    const starts = [put('sandbox', 2, 0)];
    const { files } = affected({ before, after: overlay(before, starts) }, starts);
    expect(Object.fromEntries(files)).toEqual({
      [ids.container(2)]: { begins: true },
      [ids.container(0)]: { begins: false },
    });
    before.apply(starts);
    const ends: readonly Change[] = [{ table: 'sandboxes', remove: ids.sandbox(2) }];
    expect(affected({ before, after: overlay(before, ends) }, ends).files.size).toBe(0);
  });

  it('is what a container had whose parked sandbox passes to another', () => {
    const parked = { containerId: ids.container(1), name: 'c1' };
    const owned = { ...sandbox(0, 0), ports: [] };
    const before = view({ table: 'sandboxes', put: { ...owned, containerId: '', parked } });
    const changes: readonly Change[] = [{ table: 'sandboxes', put: owned }];
    const { files } = affected({ before, after: overlay(before, changes) }, changes);
    expect(files.get(ids.container(0))).toEqual({ begins: true, from: ids.container(1) });
  });

  it('is nothing where a container changes its state', () => {
    const before = view(
      put('network', 1, 1),
      put('sandbox', 1, 4),
      put('endpoint', 1, 1),
      put('container', 1, 4),
    );
    const container = before.get('containers', ids.container(1)) ?? sample;
    const changes: readonly Change[] = [
      { table: 'containers', put: { ...container, state: { ...container.state, status: 'paused' } } },
    ];
    const scopes = affected({ before, after: overlay(before, changes) }, changes);
    expect(scopes).toEqual(scopesOf({}));
  });
});
