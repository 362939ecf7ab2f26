/** The table of drivers. */
import type { Asking, Driver, DriverTable } from '../model/driver.ts';
import { bridge } from './bridge/driver.ts';
import { ipvlan } from './ipvlan.ts';
import { macvlan } from './macvlan.ts';
import { overlay } from './overlay/driver.ts';
import { remoteDriver } from './remote.ts';
import { host, none } from './single.ts';

const builtIn: readonly Driver[] = [bridge, host, ipvlan, macvlan, none, overlay];

export interface MoreDrivers {
  /** Drivers in addition to the built-in ones. */
  readonly more?: readonly Driver[];
  /** Makes the calls to the plugin of that name. */
  readonly asking?: (name: string) => Asking;
}

/**
 * The built-in drivers and those handed in. Any other name is taken for a plugin's: its networks are planned from
 * their records, whether the plugin is there or not.
 */
export function driverTable({ more = [], asking }: MoreDrivers = {}): DriverTable {
  const byName = new Map([...builtIn, ...more].map((driver) => [driver.name, driver]));
  const remote = new Map<string, Driver>();
  return {
    names: [...byName.keys()],
    find(name) {
      const known = byName.get(name) ?? remote.get(name);
      if (known) return known;
      const made = remoteDriver(name, asking?.(name));
      remote.set(name, made);
      return made;
    },
  };
}
