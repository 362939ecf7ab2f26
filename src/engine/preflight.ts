/** Checks before the engine makes anything. Each error is one sentence that says what to do. */
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fail } from '../errors.ts';
import type { Kernel, Namespace } from '../kernel/kernel.ts';
import { openKernel } from '../kernel/open.ts';

/** Bit of CAP_NET_ADMIN in the capability sets (linux/capability.h). */
const netAdmin = 1n << 12n;
const sysAdmin = 1n << 21n;

/** Checks before `--remove-all`. Throws CONFIG_INVALID. */
export function removalPreflight(): void {
  if (process.getuid?.() !== 0)
    throw fail('CONFIG_INVALID', 'what the engine has made is removed by root: try again with sudo');
  checkCapabilities();
  checkOtherEngine('stop it first: what is removed may be in its use');
}

/** Throws CONFIG_INVALID or KERNEL_LACKS. Leaves nothing behind. */
export async function preflight(): Promise<void> {
  if (process.getuid?.() !== 0)
    throw fail('CONFIG_INVALID', 'the engine makes networks and must be run by root: try again with sudo');
  checkCapabilities();
  checkOtherEngine();
  await checkKernel();
}

function checkCapabilities(): void {
  const [, hex = '0'] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  const effective = BigInt(`0x${hex}`);
  const lacks = [
    (effective & netAdmin) === 0n ? 'CAP_NET_ADMIN' : '',
    (effective & sysAdmin) === 0n ? 'CAP_SYS_ADMIN' : '',
  ].filter(Boolean);
  if (lacks.length > 0)
    throw fail(
      'CONFIG_INVALID',
      `this process lacks ${lacks.join(' and ')}: run the engine on the host itself or in a container with --privileged`,
    );
}

/** Two engines in one network namespace would conflict over docker0, addresses and rules. */
function checkOtherEngine(advice = 'stop it, or start this one in a namespace of its own'): void {
  const mine = readlinkSync('/proc/self/ns/net');
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (pid === String(process.pid)) continue;
    try {
      const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
      if (name !== 'dockerd' && name !== 'seawayd') continue;
      if (readlinkSync(`/proc/${pid}/ns/net`) !== mine) continue;
      throw fail(
        'CONFIG_INVALID',
        `another engine (${name}, process ${pid}) runs in this network namespace: ${advice}`,
      );
    } catch (error) {
      // the process has ended meanwhile
      if (!isGone(error)) throw error;
    }
  }
}

const isGone = (error: unknown): boolean =>
  ['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '');

/** Makes a bridge and a veth pair in a new namespace. */
async function checkKernel(): Promise<void> {
  const kernel = openKernel();
  const path = join(tmpdir(), `seaway-check-${process.pid}`);
  try {
    // not required for this start, and done again at the next
    await removeForgotten(kernel).catch(() => undefined);
    kernel.createNamespace(path);
    const namespace = kernel.openNamespace(path);
    const lacks = ['bridge', 'veth'].filter((kind) => !canMake(namespace, kind as 'bridge' | 'veth'));
    namespace.close();
    if (lacks.length > 0)
      throw fail(
        'KERNEL_LACKS',
        `${lacks.join(' and ')}: load it (modprobe ${lacks.join(' ')}) or use a kernel that has it`,
      );
  } finally {
    await kernel.removeNamespace(path);
    kernel.close();
  }
}

/** Removes namespaces of engines that were killed during this check. Only namespaces are unmounted. */
async function removeForgotten(kernel: Kernel): Promise<void> {
  const folder = tmpdir();
  const mounted = new Set(kernel.listNamespaces(folder));
  for (const name of readdirSync(folder)) {
    const pid = /^seaway-check-(\d+)$/.exec(name)?.[1];
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    const path = join(folder, name);
    if (mounted.has(path)) await kernel.removeNamespace(path);
    else rmSync(path, { force: true });
  }
}

function canMake(namespace: Namespace, type: 'bridge' | 'veth'): boolean {
  try {
    namespace.route.createLink(
      type === 'bridge' ? { type, name: 'try0' } : { type, name: 'try1', peer: { name: 'try2', namespace } },
    );
    return true;
  } catch {
    return false;
  }
}
