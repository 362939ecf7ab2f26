/**
 * Seaway and real Docker are asked for the same, and what is then seen of both (the answers, the API, the
 * kernel, the files inside) differs only where `side-by-side/reasons.ts` says why.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { missingDockerd, openDockerPeer } from './docker-peer.ts';
import { openTestEngine } from './engine.ts';
import type { EngineHost } from './engine-host.ts';
import { type Difference, differencesOf, type Names, normalised } from './side-by-side/normalise.ts';
import { observe } from './side-by-side/observe.ts';
import { type Reason, reasonFor, reasons } from './side-by-side/reasons.ts';
import { endings, refusals } from './side-by-side/refusals.ts';
import { type Combination, networkCombinations } from './side-by-side/table.ts';

const missing = missingDockerd();
const skipped = missing === undefined ? '' : ` (skipped: ${missing})`;

const rows = [
  ...networkCombinations.map((combination) => ({ combination, look: true })),
  ...[...refusals, ...endings].map((combination) => ({ combination, look: false })),
];

/** Parents of macvlan networks: each takes one. */
const parents = ['par0', 'par1', 'par2', 'par3', 'par4', 'par5'];

interface Named {
  readonly Id: string;
  readonly Name?: string;
  readonly Names?: readonly string[];
}

async function namesOf(engine: EngineHost): Promise<Names> {
  const paths = ['/networks', '/containers/json?all=1'];
  const lists = await Promise.all(paths.map((path) => engine.api('GET', path)));
  const named = lists.flatMap(({ json }) => json as readonly Named[]);
  return new Map(
    named.map(({ Id, Name, Names = [] }) => {
      // of a container's names, links of others to it have a second slash
      const own = Name ?? Names.find((name) => name.lastIndexOf('/') === 0)?.slice(1);
      return [Id, `<${own}>`];
    }),
  );
}

describe.skipIf(missing !== undefined)(`networks beside Docker${skipped}`, () => {
  const docker = openDockerPeer();
  const seaway = openTestEngine();
  const done = new Set<Combination>();
  const used = new Set<Reason>();

  beforeAll(() => {
    for (const { rig } of [docker, seaway])
      for (const name of parents) {
        rig.run('host', 'ip', 'link', 'add', name, 'type', 'veth', 'peer', 'name', `${name}p`);
        for (const end of [name, `${name}p`]) rig.run('host', 'ip', 'link', 'set', end, 'up');
      }
  });

  const seenOf = async (engine: EngineHost, combination: Combination, look: boolean) => {
    const before = await namesOf(engine);
    const seen = await observe(engine, combination, { look });
    return normalised(seen, new Map([...before, ...(await namesOf(engine))]));
  };

  const differences = async (combination: Combination, look: boolean): Promise<readonly Difference[]> => {
    const [theirs, ours] = await Promise.all([docker, seaway].map((each) => seenOf(each, combination, look)));
    return differencesOf(theirs, ours);
  };

  test.each(rows.map(({ combination, look }) => [combination.title, combination, look] as const))(
    '%s',
    async (_title, combination, look) => {
      const unexplained = (await differences(combination, look)).filter((difference) => {
        const reason = reasonFor(difference);
        if (reason) used.add(reason);
        return reason === undefined;
      });
      done.add(combination);
      expect(unexplained).toEqual([]);
    },
  );

  test('no reason is left over', () => {
    // where a filter has chosen some of the tests, not all reasons can be met
    const left = done.size < rows.length ? [] : reasons.filter((reason) => !used.has(reason));
    expect(left.map(({ what }) => what)).toEqual([]);
  });
});
