import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { plainNetwork } from '../../test/model/networks.ts';
import { driverTable } from '../drivers/table.ts';
import { blankEndpointSpec, blankSandbox } from './blank.ts';
import { Model } from './memory.ts';
import { overlay } from './overlay.ts';
import { type Change, tableNames, type View } from './tables.ts';

const numbers = [0, 1, 2];
const sample = world().container('sample');

const blankPeer = { nodeId: 'b', name: '', dnsNames: [], addresses: [], mac: '' };
const blankService = { serviceId: '', name: '', aliases: [], addresses: [], backends: [] };
const blankVolume = { driver: 'local', created: '', labels: {}, options: {}, anonymous: false };

interface Step {
  readonly what: 'network' | 'container' | 'sandbox' | 'parked' | 'endpoint' | 'peer' | 'volume' | 'service';
  readonly gone: boolean;
  readonly id: number;
  readonly other: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom('network', 'container', 'sandbox', 'parked', 'endpoint', 'peer', 'volume', 'service'),
  gone: fc.boolean(),
  id: fc.constantFrom(...numbers),
  other: fc.constantFrom(...numbers),
});

const put = ({ what, id, other }: Step): Change => {
  if (what === 'network')
    return {
      table: 'networks',
      put: { ...plainNetwork, id: `n${id}`, name: `net${other}`, created: '', link: `link${other}` },
    };
  if (what === 'container')
    return {
      table: 'containers',
      put: { ...sample, id: `c${id}`, name: `c${other}`, sandboxId: `s${other}` },
    };
  if (what === 'volume')
    return { table: 'volumes', put: { ...blankVolume, name: `v${id}`, mountpoint: `${other}` } };
  if (what === 'endpoint')
    return {
      table: 'endpoints',
      put: {
        id: `e${id}`,
        networkId: `n${other}`,
        sandboxId: `s${(id + other) % numbers.length}`,
        containerId: '',
        name: '',
        ifname: '',
        hostLink: '',
        mac: '',
        addresses: [],
        dnsNames: [],
        order: id,
        spec: blankEndpointSpec('net'),
      },
    };
  if (what === 'peer') return { table: 'peers', put: { ...blankPeer, id: `p${id}`, networkId: `n${other}` } };
  if (what === 'service')
    return { table: 'services', put: { ...blankService, id: `s${id}`, networkId: `n${other}` } };
  const owner =
    what === 'sandbox'
      ? { containerId: `c${other}` }
      : { containerId: '', parked: { containerId: `c${other}`, name: `name${other}` } };
  return { table: 'sandboxes', put: { ...blankSandbox, id: `s${id}`, path: '', hostname: '', ...owner } };
};

const tables = {
  network: 'networks',
  container: 'containers',
  sandbox: 'sandboxes',
  parked: 'sandboxes',
  endpoint: 'endpoints',
  peer: 'peers',
  volume: 'volumes',
  service: 'services',
} as const;

/** The changes that the rules of the model allow: a name, or a container's sandbox, is one record's. */
function changesOf(model: Model, steps: readonly Step[]): Change[] {
  return steps.flatMap((one) => {
    const { what, id, other } = one;
    const holders = {
      network: model.networkByName(`net${other}`)?.id,
      container: model.containerByName(`c${other}`)?.id,
      sandbox: model.sandboxOfContainer(`c${other}`)?.id,
      parked: model.parkedSandbox(`c${other}`)?.id,
      endpoint: undefined,
      peer: undefined,
      volume: undefined,
      service: undefined,
    };
    const table = tables[what];
    const change = one.gone ? ({ table, remove: `${table[0]}${id}` } as Change) : put(one);
    if (!one.gone && ![undefined, `${table[0]}${id}`].includes(holders[what])) return [];
    model.apply([change]);
    return [change];
  });
}

/** Everything that a view can be asked. */
function seen(view: View) {
  const byKey = (records: Iterable<object>) => [...records].map((one) => JSON.stringify(one)).sort();
  return {
    all: tableNames.map((table) => byKey(view.all(table))),
    got: tableNames.map((table) => numbers.map((id) => view.get(table, `${table[0]}${id}`))),
    each: numbers.map((id) => ({
      network: view.networkByName(`net${id}`),
      services: byKey(view.servicesOfNetwork(`n${id}`)),
      ofLink: byKey(view.networksOfLink(`link${id}`)),
      container: view.containerByName(`c${id}`),
      peers: byKey(view.peersOfNetwork(`n${id}`)),
      ofNetwork: byKey(view.endpointsOfNetwork(`n${id}`)),
      ofSandbox: view.endpointsOfSandbox(`s${id}`),
      sandbox: view.sandboxOfContainer(`c${id}`),
      inside: byKey(view.containersOfSandbox(`s${id}`)),
      parked: [view.parkedSandbox(`c${id}`), view.parkedSandbox(`name${id}`)],
    })),
  };
}

const steps = fc.array(step, { maxLength: 12 });

describe('overlay', () => {
  it('shows what the model would be with the changes, whatever they are', () => {
    fc.assert(
      fc.property(steps, steps, (before, after) => {
        const below = new Model(driverTable());
        changesOf(below, before);
        const changed = new Model(driverTable());
        changesOf(changed, before);
        const changes = changesOf(changed, after);
        expect(seen(overlay(below, changes))).toEqual(seen(changed));
      }),
      { numRuns: 500 },
    );
  });

  it('shows with the inverse changes what the model was before', () => {
    fc.assert(
      fc.property(steps, steps, (before, after) => {
        const model = new Model(driverTable());
        changesOf(model, before);
        const then = seen(model);
        const scratch = new Model(driverTable());
        changesOf(scratch, before);
        const inverse = model.apply(changesOf(scratch, after));
        expect(seen(overlay(model, inverse))).toEqual(then);
      }),
      { numRuns: 500 },
    );
  });

  it('leaves the model itself as it is', () => {
    const { model, container } = world();
    const { id } = container('c1');
    const without = overlay(model, [{ table: 'containers', remove: id }]);
    expect([without.get('containers', id), without.containerByName('c1')]).toEqual([undefined, undefined]);
    expect(model.containerByName('c1')?.id).toBe(id);
  });
});
