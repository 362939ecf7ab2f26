import type { Finding } from './finding.ts';

/** A finding whose cure is for people. */
export const manual = (
  finding: Pick<Finding, 'code' | 'sentence' | 'cure'> & { readonly at?: string },
): Finding => ({ at: 'this host', ...finding, would: [], fix: { kind: 'none' } });
