/** The same asked of both engines: what is seen of them, and where that differs for no listed reason. */
import { isExpected } from '../docker-peer.ts';
import type { EngineHost } from '../engine-host.ts';
import type { Combination } from './combination.ts';
import { type Difference, differencesOf, type Names, normalised } from './normalise.ts';
import { observe } from './observe.ts';
import type { Reason } from './reason.ts';
import { reasonFor, reasons } from './reasons.ts';

/** The reasons that hold beside the Docker that is there. */
export const expected = reasons.filter(isExpected);

export interface Engines {
  readonly docker: EngineHost;
  readonly seaway: EngineHost;
}

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

async function seenOf(engine: EngineHost, combination: Combination, options: { readonly look: boolean }) {
  const before = await namesOf(engine);
  const seen = await observe(engine, combination, options);
  return normalised(seen, new Map([...before, ...(await namesOf(engine))]));
}

/** Ask both. Which differences no reason allows, and which reasons have allowed others. */
export async function compare(
  { docker, seaway }: Engines,
  combination: Combination,
  options: { readonly look: boolean },
): Promise<{ readonly unexplained: readonly Difference[]; readonly used: ReadonlySet<Reason> }> {
  const [theirs, ours] = await Promise.all(
    [docker, seaway].map((each) => seenOf(each, combination, options)),
  );
  const used = new Set<Reason>();
  const unexplained = differencesOf(theirs, ours).filter((difference) => {
    const reason = reasonFor(difference, expected);
    if (reason) used.add(reason);
    return reason === undefined;
  });
  return { unexplained, used };
}
