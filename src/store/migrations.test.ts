import { describe, expect, it } from 'vitest';
import { driverTable } from '../drivers/table.ts';
import type { Migration } from './migration.ts';
import { currentVersion, migrate, migrations } from './migrations.ts';

const renaming = (to: number, from: string, into: string): Migration => ({
  to,
  what: `${from} is called ${into}`,
  change: ({ networks = [], ...rest }) => ({
    ...rest,
    networks: networks.map(({ [from]: value, ...others }) => ({ ...others, [into]: value })),
  }),
});
const list = [renaming(2, 'mtu', 'size'), renaming(3, 'size', 'bytes')];

describe('migrations', () => {
  it.each([
    [1, { mtu: 1 }, { bytes: 1 }],
    [2, { size: 1 }, { bytes: 1 }],
    [3, { bytes: 1 }, { bytes: 1 }],
  ])('lead from version %i to the last, one after the other', (version, before, after) => {
    const rest = { volumes: [{ name: 'v' }] };
    expect(migrate({ ...rest, networks: [before] }, version, { drivers: driverTable(), list })).toEqual({
      ...rest,
      networks: [after],
    });
  });

  it('refuse a version that is not known', () => {
    expect(() => migrate({}, 4, { drivers: driverTable(), list })).toThrow(
      'the store was written by a newer version (its format is 4, this one knows 3)',
    );
  });

  it('of this program have no gap', () => {
    expect(migrations.map(({ to }) => to)).toEqual(migrations.map((_one, index) => index + 2));
    expect(currentVersion()).toBe(migrations.length + 1);
  });
});
