/** The drivers by name. */
import { fail } from '../errors.ts';
import { bridge } from './bridge/driver.ts';
import type { Driver } from './driver.ts';
import { ipvlan } from './ipvlan.ts';
import { macvlan } from './macvlan.ts';
import { overlay } from './overlay.ts';
import { host, none } from './single.ts';

const drivers = new Map<string, Driver>(
  [bridge, host, ipvlan, macvlan, none, overlay].map((driver) => [driver.name, driver]),
);

/** Throws DRIVER_NOT_FOUND. */
export function findDriver(name: string): Driver {
  const driver = drivers.get(name);
  if (!driver) throw fail('DRIVER_NOT_FOUND', name);
  return driver;
}

/** As `docker info` lists them. */
export const driverNames: readonly string[] = [...drivers.keys()];
