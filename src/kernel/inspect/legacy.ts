/** Counters of the rules of iptables' legacy variant. */
import { fail, hasCode } from '../../errors.ts';
import { runProgram } from '../../programs/run.ts';
import type { Namespace } from '../kernel.ts';
import { readProcNet } from '../netns/proc-net.ts';
import type { Inside } from '../netns/sysctl.ts';

/** Milliseconds. */
const patience = 2_000;
const files = { 4: 'ip_tables_names', 6: 'ip6_tables_names' } as const;
const programs = { 4: 'iptables-legacy-save', 6: 'ip6tables-legacy-save' } as const;

/** The text of its save program with counters; '' where the namespace has no such tables, or no program shows them. */
export async function legacyCounters(namespace: Namespace, family: 4 | 6): Promise<string> {
  // without the file the kernel has no such variant
  if ((await readProcNet(namespace, files[family])).trim() === '') return '';
  try {
    const inside: Inside = (open) => namespace.inside(open);
    const { code, stdout, stderr } = await runProgram(programs[family], ['-c'], { inside, limit: patience });
    if (code !== 0) throw fail('KERNEL', 'read the rules of iptables-legacy', stderr.trim());
    return stdout;
  } catch (error) {
    if (hasCode(error, 'PROGRAM_MISSING')) return '';
    throw error;
  }
}
