/** `GET /seaway/compare`: scopes that differ from the kernel, or that could not be compared. */
import type { ComparedScope } from '../../engine/system-verbs.ts';

export const presentComparison = (compared: readonly ComparedScope[]): object => ({
  Compared: compared.length,
  Scopes: compared
    .filter(({ changes, error }) => changes.length > 0 || error !== '')
    .map(({ scope, name, changes, error }) => ({
      Scope: scope,
      Name: name,
      Error: error,
      Changes: changes.map(({ action, kind, namespace, object, differences }) => ({
        Action: action,
        Kind: kind,
        Namespace: namespace,
        Object: object,
        Differences: differences.map(({ field, desired, observed }) => ({
          Field: field,
          Desired: desired,
          Observed: observed,
        })),
      })),
    })),
});
