import { describe, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { blankEndpointSpec as spec } from './blank.ts';
import { openSandbox } from './sandboxes.ts';
import { closeSandbox } from './sharing.ts';

/** A network on which sandboxes are opened by number. */
function crowd() {
  const here = world();
  const network = here.network('crowd');
  const generate = { ...here.sandboxContext.generate };
  let count = 0;
  generate.id = () => (++count).toString(16).padStart(64, '0');
  return {
    ...here,
    network,
    open(name: string) {
      const container =
        here.model.containerByName(name) ??
        here.container(name, { hostConfig: { NetworkMode: 'crowd' }, networks: [spec('crowd')] });
      const { sandbox, changes } = openSandbox(here.model, container, { ...here.sandboxContext, generate });
      here.model.apply(changes);
      return { sandbox, endpoint: here.model.endpointsOfSandbox(sandbox.id)[0] };
    },
  };
}

describe('where endpoints go', () => {
  it('a thousand on the bridge, the next on its first fanout, and into gaps first', () => {
    const here = crowd();
    const members = Array.from({ length: 2001 }, (_, i) => here.open(`c${i}`));
    const fanout = (number: number): string => `bx-${here.network.id.slice(0, 11)}${number}`;
    expect(here.model.fanouts.loads(here.network.id)).toEqual(
      new Map([
        ['', 1000],
        [fanout(1), 1000],
        [fanout(2), 1],
      ]),
    );
    expect(members[999]?.endpoint?.hostLink).toMatch(/^veth/);
    expect(members[1000]?.endpoint).toMatchObject({ hostLink: '', fanout: fanout(1) });
    expect(fanout(1)).toHaveLength(15);
    here.model.apply(closeSandbox(here.model, members[5]?.sandbox.id ?? ''));
    expect(here.open('gap').endpoint?.fanout).toBeUndefined();
    expect(here.model.fanouts.total).toBe(2001);
  });

  it('knows a fanout as long as somebody is on it, and takes changes back', () => {
    const here = crowd();
    const { endpoint } = here.open('c1');
    if (!endpoint) throw new Error('no endpoint');
    const undo = here.model.apply([{ table: 'endpoints', put: { ...endpoint, fanout: 'bx-1' } }]);
    expect(here.model.fanouts.networkOf('bx-1')).toBe(here.network.id);
    here.model.apply(undo);
    expect(here.model.fanouts.networkOf('bx-1')).toBeUndefined();
    expect(here.model.fanouts.loads(here.network.id)).toEqual(new Map([['', 1]]));
    here.model.apply([{ table: 'endpoints', remove: endpoint.id }]);
    expect(here.model.fanouts.loads(here.network.id).size).toBe(0);
    expect(here.model.fanouts.total).toBe(0);
  });
});
