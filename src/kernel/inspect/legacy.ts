/** Counters of the rules of iptables' legacy variant. */
import { closeSync, openSync, readFileSync } from 'node:fs';
import { fail, hasCode } from '../../errors.ts';
import { runProgram } from '../../programs/run.ts';
import type { Namespace } from '../kernel.ts';
import type { Inside } from '../netns/sysctl.ts';

/** Milliseconds. */
const patience = 2_000;
const files = { 4: 'ip_tables_names', 6: 'ip6_tables_names' } as const;
const programs = { 4: 'iptables-legacy-save', 6: 'ip6tables-legacy-save' } as const;

/** The text of its save program with counters; '' where the namespace has no such tables, or no program shows them. */
export async function legacyCounters(namespace: Namespace, family: 4 | 6): Promise<string> {
  if (!hasTables(namespace, family)) return '';
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

/** Tables that are loaded; without the file the kernel has no such variant. */
function hasTables(namespace: Namespace, family: 4 | 6): boolean {
  const fd = namespace.inside(() => {
    try {
      return openSync(`/proc/thread-self/net/${files[family]}`, 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  });
  if (fd === undefined) return false;
  try {
    return readFileSync(fd, 'latin1').trim() !== '';
  } finally {
    closeSync(fd);
  }
}
