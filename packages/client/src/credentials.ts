/** Credentials of a registry, as a header of requests. */
import type { AuthConfig } from './requests.ts';

export interface WithCredentials {
  readonly auth?: AuthConfig;
  readonly signal?: AbortSignal;
}

export const credentials = (auth: AuthConfig | undefined): Readonly<Record<string, string>> =>
  auth === undefined ? {} : { 'X-Registry-Auth': Buffer.from(JSON.stringify(auth)).toString('base64url') };
