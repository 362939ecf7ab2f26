/** Reads what else of the host gets in the way: firewalls of others, its resolver, modules of its kernel. */
import { existsSync } from 'node:fs';
import { release } from 'node:os';
import type { Surroundings } from '../../doctor/surroundings.ts';
import { hasCode } from '../../errors.ts';
import { droppingLines } from '../../explain/counters.ts';
import { makerOf } from '../../explain/rules.ts';
import { isAlive } from '../../model/container-state.ts';
import { parseResolvConf } from '../../names/resolv-conf.ts';
import { runProgram } from '../../programs/run.ts';
import { legacyCountersOf } from '../explain/legacy.ts';
import { hostFile } from '../host-file.ts';
import type { Examining } from './examining.ts';

export async function surroundings(core: Examining): Promise<Surroundings> {
  return {
    closedChains: await closedChains(core),
    legacyRules: await legacyRules(core),
    stub: stub(core),
    missingModules: missingModules(core),
  };
}

/** Milliseconds, and bytes: tables of others may be of any size. */
const patience = 2_000;
const most = 1024 * 1024;

/** `nft list chains` prints types, hooks and policies without rules. */
async function closedChains({ kernel: { host } }: Examining): Promise<Surroundings['closedChains']> {
  try {
    const inside = <T>(open: () => T): T => host.inside(open);
    const { code, stdout } = await runProgram('nft', ['list', 'chains'], { inside, limit: patience, most });
    return code === 0 ? closedIn(stdout) : [];
  } catch (error) {
    // without nft(8), or with more chains than can be looked at
    if (hasCode(error, 'PROGRAM_MISSING', 'PROGRAM_SLOW', 'PROGRAM_FAILED')) return [];
    throw error;
  }
}

/** Those of iptables are the engine's own business, which it shares with others in one chain. */
const shared = /^ip6? (?:filter|nat|mangle|raw|security)$/;

/** Of the output of `nft list chains`: those that drop what is forwarded. Pure. */
export function closedIn(text: string): Surroundings['closedChains'] {
  const found: Surroundings['closedChains'][number][] = [];
  let table = '';
  let chain = '';
  for (const line of text.split('\n')) {
    table = /^table (\S+ \S+) \{/.exec(line)?.[1] ?? table;
    chain = /^\tchain (\S+) \{/.exec(line)?.[1] ?? chain;
    const isClosed = /type filter hook forward .*policy drop;/.test(line);
    if (!isClosed || shared.test(table) || / seaway/.test(table) || table.startsWith('netdev ')) continue;
    found.push({ table, chain, owner: makerOf({ table, chain }) });
  }
  return found;
}

async function legacyRules({ kernel }: Examining): Promise<readonly string[]> {
  const forwarding = droppingLines(await legacyCountersOf({ kernel }, 4)).filter(
    ({ chain }) => chain === 'FORWARD',
  );
  return forwarding.map(({ text, chain }) => text || `-P ${chain} DROP`);
}

/** Containers without the engine's resolver have the host's file. */
function stub({ model, config }: Examining): Surroundings['stub'] {
  const { servers } = parseResolvConf(hostFile('/etc/resolv.conf'));
  const isLocal = servers.length > 0 && servers.every((each) => /^(?:127\.|::1$)/.test(each));
  if (!isLocal || config.dns.length > 0) return { servers: [], containers: [] };
  const containers = [...model.all('containers')].filter((container) => {
    const sandbox = isAlive(container) ? model.sandboxOfContainer(container.id) : undefined;
    return sandbox?.kind === 'own' && !sandbox.resolver && sandbox.dns.servers.length === 0;
  });
  const reached = containers.filter(({ sandboxId }) =>
    model.endpointsOfSandbox(sandboxId).some(({ ifname }) => ifname !== ''),
  );
  return { servers, containers: reached.map(({ name }) => name) };
}

/** Modules of kinds of network. */
const needed: Readonly<Record<string, string>> = { macvlan: 'macvlan', ipvlan: 'ipvlan', bridge: 'bridge' };

function missingModules({ model }: Examining): Surroundings['missingModules'] {
  const wanted = new Map<string, string>();
  for (const { driver, overlay, name } of model.all('networks')) {
    const module = needed[driver];
    if (module !== undefined) wanted.set(module, `network ${name}`);
    if (overlay) wanted.set('vxlan', `network ${name}`);
  }
  const folder = `/lib/modules/${release()}`;
  // without the list, as in a container, nothing is known
  if (!existsSync(`${folder}/modules.dep`)) return [];
  const known = `${hostFile(`${folder}/modules.dep`)}\n${hostFile(`${folder}/modules.builtin`)}`;
  return [...wanted]
    .filter(([module]) => !existsSync(`/sys/module/${module}`) && !isListed(known, module))
    .map(([module, needs]) => ({ module, needs, package: packageOf(hostFile('/etc/os-release')) }));
}

/** In modules.dep or modules.builtin (modules.dep(5)). */
export const isListed = (text: string, module: string): boolean =>
  new RegExp(`/${module.replaceAll(/[_-]/g, '[_-]')}\\.ko(?:\\.\\w+)?(?::|$)`, 'm').test(text);

/** The package that has a distribution's further modules, by the text of os-release(5). */
export function packageOf(text: string): string {
  const ids = /^ID(?:_LIKE)?=.*$/gm;
  const system = (text.match(ids) ?? []).join(' ');
  if (/ubuntu/.test(system)) return `linux-modules-extra-${release()}`;
  if (/debian/.test(system)) return 'linux-image-amd64, a kernel that is not the one for clouds,';
  if (/fedora|rhel|centos/.test(system)) return `kernel-modules-extra-${release()}`;
  if (/suse/.test(system)) return 'kernel-default';
  return 'the package with the further modules of this kernel';
}
