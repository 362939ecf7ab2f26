import { describe, expect, it } from 'vitest';
import { specs } from './specs.ts';

describe('format 3 becomes format 4', () => {
  const after = specs.change({
    endpoints: [
      { id: 'e1', extension: 'bx-1', ask: { network: 'n' } },
      { id: 'e2', ask: {} },
    ],
    sandboxes: [
      { id: 's1', kind: 'foreign' },
      { id: 's2', kind: 'own' },
    ],
    volumes: [{ name: 'v' }],
  });

  it('a namespace that others made is external', () => {
    expect(after.sandboxes).toEqual([
      { id: 's1', kind: 'external' },
      { id: 's2', kind: 'own' },
    ]);
  });

  it('an extension of a bridge is a fanout, what was asked a spec', () => {
    expect(after.endpoints).toEqual([
      { id: 'e1', fanout: 'bx-1', spec: { network: 'n' } },
      { id: 'e2', spec: {} },
    ]);
  });

  it('nothing else is touched', () => {
    expect(after.volumes).toEqual([{ name: 'v' }]);
  });
});
