import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import type { FilterChange } from '../firewall/packet-filter.ts';
import { createLogger } from '../observe/logger.ts';
import { FirewallScope } from './firewall-scope.ts';

const folder = mkdtempSync(join(tmpdir(), 'seaway-firewall-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A host that does not forward yet, with a filter that has nothing to do or fails. */
function scopeOf({ filter = async () => undefined, obey = async () => 0 } = {}) {
  const written: string[] = [];
  const { model, networkContext } = world();
  const none: FilterChange = { actions: 0, owned: [], rules: 0, claim: [], byOthers: [] };
  const scope = new FirewallScope<undefined, FilterChange>({
    filter: {
      observe: filter,
      difference: () => none,
      apply: async () => undefined,
      isAsLeft: () => true,
      forget: () => undefined,
    },
    host: { readSysctl: () => '0', writeSysctl: (key) => void written.push(key) },
    view: model,
    config: {
      ...{ iptables: true, ip6tables: true, ipForward: true, ipForwardNoDrop: false },
      ...{ allowDirectRouting: false, bridge: { acceptFwmark: '' } },
    },
    hostRoutes: { routes: () => [], invalidate: () => undefined },
    logger: createLogger('fatal'),
    ownedRulesFile: join(folder, 'state.json'),
    obey: { converge: obey, wasChanged: () => false, remove: async () => 0 },
    facts: () => networkContext.facts,
    trace: () => undefined,
    tell: () => false,
  });
  return { scope, written };
}

const failing = async (): Promise<never> => {
  throw new Error('no rules');
};

it('forwarding is on once the rules are in place, whatever ports that obey the host need besides', async () => {
  const { scope, written } = scopeOf({ obey: failing });
  await expect(scope.converge()).rejects.toThrow('no rules');
  expect(written).toEqual(['net/ipv4/ip_forward']);
});

it('forwarding stays off while the rules are not in place', async () => {
  const { scope, written } = scopeOf({ filter: failing });
  await expect(scope.converge()).rejects.toThrow('no rules');
  expect(written).toEqual([]);
});
