import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { BridgeNetwork, FirewallInput, FirewallSettings } from './input.ts';
import { diffFirewall } from './iptables/diff.ts';
import type { Observed } from './iptables/observed.ts';
import { restored } from './iptables/restored.ts';
import { Lists } from './once.ts';
import { planFirewall } from './plan.ts';

/** Records do not change: a network that is changed is another object. */
const networks = Array.from({ length: 8 }, (_, n): BridgeNetwork => {
  const family = { mode: n % 3 ? 'nat' : 'routed', masquerade: n % 4 !== 1, source: '' } as const;
  return {
    name: `n${n % 5}`,
    link: `br${n % 5}`,
    internal: n % 7 === 6,
    icc: n % 2 === 0,
    families: {
      4: { ...family, subnets: [`10.0.${n}.0/24`] },
      ...(n > 3 && { 6: { ...family, subnets: [`fd00:${n}::/64`] } }),
    },
    trusted: n === 2 ? ['vpn0'] : [],
  };
});

const settings: fc.Arbitrary<FirewallSettings> = fc.record({
  allowDirectRouting: fc.boolean(),
  dropForwarded: fc.constantFrom([], [4] as const, [4, 6] as const),
  acceptFwmark: fc.constantFrom('', '0x1', '0x1/0xff'),
  clampMss: fc.boolean(),
  bridgeNetfilter: fc.boolean(),
  noRawTable: fc.boolean(),
});

const input: fc.Arbitrary<FirewallInput> = fc
  .tuple(fc.uniqueArray(fc.constantFrom(...networks), { selector: ({ link }) => link }), settings)
  .map(([bridges, chosen]) => ({
    bridges,
    ports: bridges.map(({ link }, n) => ({
      link,
      protocol: 'tcp',
      hostIP: n % 2 ? '0.0.0.0' : '127.0.0.1',
      hostPort: 8000 + n,
      address: `10.0.${n}.2`,
      containerPort: 80,
    })),
    open: [],
    holes: [],
    segments: [],
    settings: chosen,
  }));

it('what is remembered of earlier plans and scripts makes no difference to the next', () => {
  fc.assert(
    fc.property(
      fc.array(input, { maxLength: 6 }),
      fc.constantFrom(4 as const, 6 as const),
      (inputs, family) => {
        const lists = new Lists();
        let observed: Observed = new Map();
        let owned: readonly string[] = [];
        for (const each of inputs) {
          const ruleset = planFirewall(each, family, lists);
          expect(ruleset).toEqual(planFirewall(each, family));
          const diff = diffFirewall(ruleset, observed, owned, { lists });
          expect(diff).toEqual(diffFirewall(planFirewall(each, family), observed, owned));
          observed = restored(observed, diff.script ?? '');
          owned = diff.owned;
          expect(diffFirewall(ruleset, observed, owned, { lists }).script).toBeUndefined();
        }
      },
    ),
    { numRuns: 300 },
  );
});
