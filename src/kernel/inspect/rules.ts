/** The text of a chain's rules. A table of another program may be of any size, so that a process reads it. */
import { hasCode, messageOf } from '../../errors.ts';
import { runProgram } from '../../programs/run.ts';
import type { Namespace } from '../kernel.ts';
import { runNftables } from '../netfilter/nftables.ts';
import type { Inside } from '../netns/sysctl.ts';
import type { ChainName } from './contract.ts';
import { canBeWritten } from './trace-table.ts';

/** Milliseconds. */
const patience = 700;
/** Bytes: some ten thousand rules. */
const most = 4 * 1024 * 1024;

export async function rulesOf(namespace: Namespace, { family, table, chain }: ChainName): Promise<string> {
  if (![table, chain].every(canBeWritten)) return '';
  const command = ['list', 'chain', family, table, chain];
  try {
    const inside: Inside = (open) => namespace.inside(open);
    // without names of services and hosts, and without elements of sets
    const args = ['-a', '-t', ...command];
    const { code, stdout } = await runProgram('nft', args, { inside, limit: patience, most });
    return code === 0 ? stdout : '';
  } catch (error) {
    if (hasCode(error, 'PROGRAM_SLOW', 'PROGRAM_FAILED')) return '';
    if (hasCode(error, 'PROGRAM_MISSING')) return inProcess(namespace, command.join(' '));
    throw error;
  }
}

/** Where libnftables is installed without nft(8). */
function inProcess(namespace: Namespace, command: string): string {
  try {
    return namespace.inside(() => runNftables(command, { handles: true }));
  } catch (error) {
    // a chain may be named like a word of nft's language
    if (hasCode(error, 'KERNEL') && /No such file|syntax error/.test(messageOf(error))) return '';
    throw error;
  }
}
