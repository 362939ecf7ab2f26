/** Sysctls are set. They are never taken back: what they were before is not known. */
import type { SysctlObject } from '../../objects/object.ts';
import type { Place } from '../place.ts';
import type { Applier } from './applier.ts';

const write = ({ ns, key, value }: SysctlObject, place: Place): void =>
  place.namespace(ns).writeSysctl(key, value);

export const sysctl: Applier<'sysctl'> = {
  make: write,
  change: ({ object }, place) => write(object, place),
  remove: () => undefined,
};
