/** The drivers by name. */
import { fail } from '../errors.ts';
import type { Driver, DriverTable } from '../model/driver.ts';
import { bridge } from './bridge/driver.ts';
import { ipvlan } from './ipvlan.ts';
import { macvlan } from './macvlan.ts';
import { overlay } from './overlay.ts';
import { host, none } from './single.ts';

const builtIn: readonly Driver[] = [bridge, host, ipvlan, macvlan, none, overlay];

/** The engine's own drivers, and those that are handed in. */
export function driverTable(more: readonly Driver[] = []): DriverTable {
  const byName = new Map([...builtIn, ...more].map((driver) => [driver.name, driver]));
  return {
    names: [...byName.keys()],
    find(name) {
      const driver = byName.get(name);
      if (!driver) throw fail('DRIVER_NOT_FOUND', name);
      return driver;
    },
  };
}
