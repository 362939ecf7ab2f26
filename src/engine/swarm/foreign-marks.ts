/** Rules of other programs that write bits of packet marks and connection marks which the routing mesh has. */
import { messageOf } from '../../errors.ts';
import { meshMask, meshRulesetName } from '../../model/mesh.ts';
import type { Logger } from '../../observe/logger.ts';
import { runProgram } from '../../programs/run.ts';

/** Milliseconds and bytes: a very large ruleset is not looked through. */
const limits = { limit: 5_000, most: 16 << 20 } as const;

const listings = [
  { program: 'iptables-save', args: ['-t', 'mangle'], find: inIptables },
  { program: 'ip6tables-save', args: ['-t', 'mangle'], find: inIptables },
  { program: 'nft', args: ['list', 'ruleset'], find: inNftables },
] as const;

/** What cannot be listed has none. */
export async function foreignMarks(logger: Logger): Promise<readonly string[]> {
  const found = await Promise.all(
    listings.map(async ({ program, args, find }) => {
      try {
        return find((await runProgram(program, args, limits)).stdout);
      } catch (error) {
        logger.debug('rules are not looked through for packet marks', { program, error: messageOf(error) });
        return [];
      }
    }),
  );
  return warningsOf([...new Set(found.flat())]);
}

/** Some programs have a rule for each container. */
const mostNamed = 8;

export function warningsOf(rules: readonly string[]): readonly string[] {
  const bits = `bits of marks that the routing mesh has (0x${meshMask.toString(16)})`;
  const named = rules.slice(0, mostNamed).map((rule) => `a rule of another program writes ${bits}: ${rule}`);
  const rest = rules.length - named.length;
  const more = rest > 0 ? [`${rest} more rules of other programs write ${bits}`] : [];
  return [...named, ...more].map((text) => `WARNING: ${text}`);
}

const overlaps = (mask: number): boolean => (mask & meshMask) >>> 0 !== 0;

/** `-A PREROUTING ... -j MARK --set-xmark 0x1/0xffffffff`: the bits of the mask are written. */
export function inIptables(text: string): readonly string[] {
  return text.split('\n').filter((line) => {
    const [, mask = ''] = /-j (?:MARK|CONNMARK) --set-xmark 0x[0-9a-f]+\/(0x[0-9a-f]+)/.exec(line) ?? [];
    return mask !== '' && overlaps(Number(mask));
  });
}

/** Tables that iptables writes are in its own listing. */
const ofIptables = /^table ip6? (?:raw|mangle|nat|filter|security)$/;
const assignment =
  /\b(?:meta|ct) mark set (?:(?:meta|ct) mark(?: & (0x[0-9a-f]+))?(?: [|^] (0x[0-9a-f]+))?|(0x[0-9a-f]+))(?![\w.])/;

export function inNftables(text: string): readonly string[] {
  let table = '';
  return text.split('\n').flatMap((line) => {
    if (line.startsWith('table ')) table = line.replace(/ \{.*$/, '');
    if (ofIptables.test(table) || table.endsWith(` ${meshRulesetName}`)) return [];
    const match = assignment.exec(line);
    return match && overlaps(writtenBy(match)) ? [`${line.trim()} (${table})`] : [];
  });
}

function writtenBy([, kept = '0xffffffff', added = '0x0', constant]: RegExpExecArray): number {
  if (constant !== undefined) return 0xffff_ffff;
  return ~Number(kept) | Number(added);
}
