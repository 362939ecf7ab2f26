import { describe, expect, it } from 'vitest';
import { endpoint, modelOf, network, pool, sandbox } from '../../test/golden/plans/world.ts';
import { world } from '../../test/model/fixture.ts';
import { blankEndpointSpec } from './blank.ts';
import type { Container } from './container.ts';
import { changeRates, checkRates, parseRates, ratesText } from './rates.ts';

const app = network('app', { pools: [pool('10.1.0.0/24', '10.1.0.1')] });
const box = sandbox('db');
const end = endpoint({ network: app, sandbox: box }, { addresses: ['10.1.0.2/24'] });
const sample = world().container('db');
const options = { 'com.seaway.rate.egress': '10mbit', other: 'x' };
const container: Container = {
  ...{ ...sample, id: box.containerId },
  networks: [{ ...blankEndpointSpec('app'), driverOpts: options }],
};

const changed = (asked: Parameters<typeof changeRates>[2], isUp = true) =>
  changeRates(
    modelOf(isUp ? { networks: [app], sandboxes: [box], endpoints: [end] } : { networks: [app] }),
    { container, network: app },
    asked,
  );

describe('rates of an endpoint', () => {
  it('are read from its options', () => {
    expect(parseRates({})).toBeUndefined();
    expect(parseRates(options)).toEqual({ egress: 10_000_000 });
    expect(() => parseRates({ 'com.seaway.rate.ingress': 'fast' })).toThrow(
      'invalid com.seaway.rate.ingress "fast": write 10mbit',
    );
  });

  it('of what it gets need an end on the host', () => {
    expect(() => checkRates({ ingress: 1 }, { name: 'lan', driver: 'macvlan' }, { hostLink: '' })).toThrow(
      'com.seaway.rate.ingress is not supported here: endpoints of network lan (macvlan)',
    );
    expect(() =>
      checkRates({ egress: 1 }, { name: 'lan', driver: 'macvlan' }, { hostLink: '' }),
    ).not.toThrow();
  });

  it('are changed for now and for the next start, one without the other', () => {
    const { rates, changes } = changed({ ingress: '1mbit' });
    const driverOpts = { ...options, 'com.seaway.rate.ingress': '1mbit' };
    expect(rates).toEqual({ egress: 10_000_000, ingress: 1_000_000 });
    expect(changes).toMatchObject([
      { table: 'containers', put: { networks: [{ driverOpts }] } },
      { table: 'endpoints', put: { rates, spec: { driverOpts } } },
    ]);
    expect(changed({ ingress: '1mbit' }, false).changes).toHaveLength(1);
  });

  it('end with the last limit', () => {
    const { rates, changes } = changed({ egress: '' });
    expect(rates).toEqual({});
    expect(changes).toMatchObject([
      { put: { networks: [{ driverOpts: { other: 'x' } }] } },
      { put: expect.not.objectContaining({ rates: expect.anything() }) },
    ]);
    expect(ratesText({ egress: 1_500_000 })).toBe('egress 1.5mbit, ingress unlimited');
  });
});
