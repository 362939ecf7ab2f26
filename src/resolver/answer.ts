/** Answers from the records. Pure. */

import type { NameEntry, NameRecords, SandboxNames } from '../names/records.ts';
import { familyOf } from '../net/family.ts';
import { type AnswerRecord, type Question, recordClass, recordType } from './message.ts';
import { addressOfReverse } from './reverse-name.ts';

/** Seconds, as Docker's. */
const ttl = 600;

/**
 * The answer to a question about the sandbox's networks; undefined for any other question, which is forwarded.
 * A known name is never forwarded, whatever the type: without a record of that type the answer is empty. Type
 * ANY gets the addresses of both families (RFC 8482 leaves the choice).
 */
export function answerLocally(
  records: NameRecords,
  sandbox: SandboxNames,
  question: Question,
): readonly AnswerRecord[] | undefined {
  const name = question.name.toLowerCase();
  const backwards = addressOfReverse(name);
  const all =
    backwards === undefined
      ? forwards(records, sandbox, { question, name })
      : pointers(records, sandbox, { question, address: backwards });
  if (!all || (question.class !== recordClass.IN && question.class !== recordClass.ANY)) return all && [];
  if (question.type === recordType.ANY) return all;
  return all.filter(({ type }) => recordType[type] === question.type);
}

interface Asked {
  readonly question: Question;
  /** In lower case. */
  readonly name: string;
}

function forwards(
  records: NameRecords,
  sandbox: SandboxNames,
  { question, name }: Asked,
): readonly AnswerRecord[] | undefined {
  const entries = entriesOf(records, sandbox, name);
  const fixed = Object.hasOwn(sandbox.fixed, name) ? sandbox.fixed[name] : undefined;
  if (!entries && !fixed) return undefined;
  const addresses = entries?.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6]) ?? fixed ?? [];
  const record = (address: string): AnswerRecord => {
    return { type: familyOf(address) === 6 ? 'AAAA' : 'A', name: question.name, ttl, address };
  };
  return addresses.filter((address) => address !== '').map(record);
}

/**
 * The endpoints of a name. `a.b.c` is tried as a name of any network, then as `a.b` in the network `c`, then as `a`
 * in the network `b.c`, because both kinds of name may have dots. Each time the sandbox's private names come first,
 * then its networks in the order of its interfaces. Only the first that knows the name answers, as in Docker, so
 * that an answer never mixes networks.
 */
function entriesOf(
  records: NameRecords,
  sandbox: SandboxNames,
  name: string,
): readonly NameEntry[] | undefined {
  for (let dot = name.length; dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
    const local = name.slice(0, dot);
    const suffix = name.slice(dot + 1);
    const networks = sandbox.networks.filter((one) => suffix === '' || one.name.toLowerCase() === suffix);
    const own = (Object.hasOwn(sandbox.privateNames, local) && sandbox.privateNames[local]) || [];
    const names = [
      ...own.filter(({ networkId }) => networks.some(({ id }) => id === networkId)),
      ...networks.map(({ id }) => ({ networkId: id, name: local })),
    ];
    for (const one of names) {
      const entries = records.lookup(one.networkId, one.name);
      if (entries.length > 0) return entries;
    }
  }
  return undefined;
}

/** `NAME.NETWORK` of the endpoint with the address on one of the sandbox's networks. */
function pointers(
  records: NameRecords,
  sandbox: SandboxNames,
  { question, address }: { readonly question: Question; readonly address: string },
): readonly AnswerRecord[] | undefined {
  for (const { id, name } of sandbox.networks) {
    const entry = records.reverse(id, address);
    if (entry) return [{ type: 'PTR', name: question.name, ttl, target: `${entry.name}.${name}` }];
  }
  return undefined;
}
