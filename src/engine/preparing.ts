/** What preparing a network or an endpoint stands on. */
import type { PendingEndpoint } from '../model/driver.ts';
import type { Sandbox } from '../model/sandbox.ts';
import type { Core } from './core.ts';

export type Preparing = Pick<
  Core,
  'model' | 'generate' | 'records' | 'outbox' | 'plugins' | 'preparations' | 'logger'
>;

/** Where the endpoints are to be, and for whom. */
export interface Destination extends Pick<PendingEndpoint, 'name' | 'sandboxPath' | 'container'> {
  readonly sysctls: Sandbox['sysctls'];
}
