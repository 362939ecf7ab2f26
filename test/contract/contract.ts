/** What every engine behind the API answers, a file per group of verbs. */
import type { Asking } from './asking.ts';
import { containerCases } from './containers.ts';
import { execCases } from './execs.ts';
import { imageCases } from './images.ts';
import { networkCases } from './networks.ts';
import { pluginCases } from './plugins.ts';
import { systemCases } from './system.ts';
import { volumeCases } from './volumes.ts';

/** Register the cases; they leave nothing behind. */
export function contract(ask: Asking): void {
  systemCases(ask);
  networkCases(ask);
  volumeCases(ask);
  pluginCases(ask);
  imageCases(ask);
  containerCases(ask);
  execCases(ask);
}
