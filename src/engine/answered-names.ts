/** Addresses that the resolver has answered for names of policies: their containers may connect to them for a while. */
import { messageOf } from '../errors.ts';
import { contains, parseAddress, parseCidr } from '../net/address.ts';
import { familyOf } from '../net/family.ts';
import { watchedNames } from '../policy/compile.ts';
import { matchesDomain } from '../policy/glob.ts';
import { blocksOf } from '../policy/select.ts';
import { allowAddresses } from '../reconcile/kinds/access.ts';
import type { AnsweredName } from '../resolver/answered.ts';
import type { Core } from './core.ts';

/** Seconds beyond the time to live of an answer, in which a program may still use it; and the longest time to live. */
const grace = 60;
const longest = 86_400;

export function allowAnswered(
  { model, reconciler, logger }: Pick<Core, 'model' | 'reconciler' | 'logger'>,
  { sandbox, name, addresses }: AnsweredName,
): void {
  const patterns = watchedNames(model, sandbox).filter((pattern) => matchesDomain(pattern, name));
  if (patterns.length === 0) return;
  // a name of the outside does not open the way to neighbours
  const own = model
    .endpointsOfSandbox(sandbox)
    .flatMap(({ networkId }) => blocksOf(model.get('networks', networkId)));
  const outside = addresses.filter(({ address }) => !own.some((block) => isIn(block, address)));
  const allowed = outside.map(({ address, ttl }) => ({ address, seconds: Math.min(ttl, longest) + grace }));
  try {
    if (allowed.length > 0) allowAddresses(reconciler.namespaceOf(sandbox), { patterns, allowed });
  } catch (error) {
    // its rules are not there yet, or it is about to go
    logger.debug('addresses of a name are not allowed', { sandbox, name, error: messageOf(error) });
  }
}

const isIn = (block: string, address: string): boolean =>
  familyOf(block) === familyOf(address) && contains(parseCidr(block), parseAddress(address));
