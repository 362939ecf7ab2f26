/**
 * What both engines are asked to do. The commands run in this order on each of them, nothing is removed in
 * between, and so both draw the same addresses. What is made keeps names of its own.
 */
import { identities, pools } from './address-rows.ts';
import type { Combination } from './combination.ts';
import { drivers, options } from './network-rows.ts';
import { lists, lives, ports, several } from './place-rows.ts';

export const networkCombinations: readonly Combination[] = [
  ...pools,
  ...identities,
  ...options,
  ...drivers,
  ...several,
  ...lives,
  ...ports,
  ...lists,
];
