/** Why something is not reached: a closed list of codes. */

export const causeCodes = [
  // of one end alone
  'not-running',
  'paused',
  'restarting',
  'no-network',
  'port-held',
  // of the records
  'name-not-found',
  'name-elsewhere',
  'no-name-server',
  'stale-address',
  'foreign-address',
  'no-common-network',
  'internal-network',
  'icc-off',
  'host-apart',
  'port-not-published',
  'published-elsewhere',
  'no-tasks',
  'node-gone',
  // of rules
  'policy',
  'docker-user',
  'host-firewall',
  'own-rule',
  'container-firewall',
  'rules-missing',
  'redirected',
  'traffic-control',
  // of who listens
  'nobody-listens',
  'listens-on-loopback',
  'listens-elsewhere',
  'wrong-family',
  'wrong-protocol',
  'backlog-full',
  // of the way
  'link-down',
  'link-missing',
  'address-missing',
  'route-missing',
  'entry-missing',
  'setting-changed',
  'forwarding-off',
  'rp-filter',
  'conntrack-full',
  'subnet-hidden',
  'duplicate-address',
  'foreign-neighbour',
  'no-neighbour',
  'bridge-port',
  'mtu',
  'underlay-blocked',
  'refused',
  'no-answer',
] as const;

export type CauseCode = (typeof causeCodes)[number];

/** A rule that has decided about a packet. */
export interface DecidingRule {
  /** `ip filter`. */
  readonly table: string;
  readonly chain: string;
  /** Its place in the chain, from 1; 0 for the policy of the chain. */
  readonly number: number;
  /** In nft's words; '' for a policy. */
  readonly text: string;
  /** The engine's own reason for it; '' for rules of others. */
  readonly reason: string;
  /** The program that has probably made it; '' for the engine. */
  readonly owner: string;
}

export interface Cause {
  readonly code: CauseCode;
  /** One sentence without a full stop, with a small first letter where it is no name. */
  readonly sentence: string;
  /** Where it happens: `this host`, `container web`, ... */
  readonly at: string;
  /** A command, or what to do in words. */
  readonly cure: string;
  readonly rule?: DecidingRule;
}
