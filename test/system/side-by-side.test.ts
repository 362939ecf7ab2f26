/**
 * Seaway and real Docker are asked for the same, and what is then seen of both (the answers, the API, the
 * kernel, the files inside) differs only where `side-by-side/reasons.ts` says why.
 */
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { missingDockerd, openDockerPeer } from './docker-peer.ts';
import { openTestEngine } from './engine.ts';
import type { Combination } from './side-by-side/combination.ts';
import { compare, expected } from './side-by-side/compare.ts';
import { daemons, refusedFlags } from './side-by-side/daemons.ts';
import type { Reason } from './side-by-side/reason.ts';
import { endings, refusals } from './side-by-side/refusals.ts';
import { networkCombinations } from './side-by-side/table.ts';

const missing = missingDockerd();
const skipped = missing === undefined ? '' : ` (skipped: ${missing})`;

const rows = [
  ...networkCombinations.map((combination) => ({ combination, look: true })),
  ...[...refusals, ...endings].map((combination) => ({ combination, look: false })),
];

/** Parents of macvlan networks: each takes one. */
const parents = ['par0', 'par1', 'par2', 'par3', 'par4', 'par5'];

describe.skipIf(missing !== undefined)(`networks beside Docker${skipped}`, () => {
  const engines = { docker: openDockerPeer(), seaway: openTestEngine() };
  const both = [engines.docker, engines.seaway];
  const done = new Set<Combination>();
  const met = new Set<Reason>();

  beforeAll(() => {
    for (const { rig } of both)
      for (const name of parents) {
        rig.run('host', 'ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', `${name}p`);
        for (const end of [name, `${name}p`]) rig.run('host', 'ip', 'link', 'set', end, 'up');
      }
  });

  const expectSame = async (combination: Combination, look: boolean): Promise<void> => {
    const { unexplained, used } = await compare(engines, combination, { look });
    for (const reason of used) met.add(reason);
    done.add(combination);
    expect(unexplained).toEqual([]);
  };

  test.each(rows.map(({ combination, look }) => [combination.title, combination, look] as const))(
    '%s',
    (_title, combination, look) => expectSame(combination, look),
  );

  describe('as the daemon is started', () => {
    beforeAll(async () => {
      for (const { rig } of both) {
        rig.run('host', 'ip', 'link', 'add', 'br-user', 'type', 'bridge');
        rig.run('host', 'ip', 'addr', 'add', '10.57.0.1/24', 'dev', 'br-user');
        rig.run('host', 'ip', 'link', 'set', 'br-user', 'up');
      }
    });

    test.each(daemons.map((daemon) => [daemon.title, daemon] as const))('%s', async (_title, daemon) => {
      await Promise.all(
        both.map(async (engine) => {
          await engine.removeContainers();
          await engine.stop();
          await engine.start(daemon.flags);
        }),
      );
      await expectSame(daemon, true);
    });
  });

  describe('neither starts', () => {
    const stopped = () => Promise.all(both.map((engine) => engine.isRunning && engine.stop()));
    beforeAll(stopped);
    afterEach(stopped);

    test.each(refusedFlags)('%s', async (flags) => {
      const ends = both.map((engine) => engine.start(flags.split(' ')).then(() => 'runs', String));
      expect(await Promise.all(ends)).toEqual(both.map(() => expect.stringContaining('has ended')));
    });
  });

  test('no reason is left over', () => {
    // where a filter has chosen some of the tests, not all reasons can be met
    const all = done.size === rows.length + daemons.length;
    const left = all ? expected.filter((reason) => !met.has(reason)) : [];
    expect(left.map(({ what }) => what)).toEqual([]);
  });
});
