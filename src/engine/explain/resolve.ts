/** Resolves a name as the sender would: its hosts file, then its name servers. */
import { lookup } from 'node:dns/promises';
import { messageOf } from '../../errors.ts';
import type { Cause } from '../../explain/causes.ts';
import { type End, findEnd, type Looking } from '../../explain/ends.ts';
import { staleCause, type Unresolved, unresolvedCause } from '../../explain/names.ts';
import { parseResolvConf, resolverAddress } from '../../names/resolv-conf.ts';
import { readAddress } from '../../net/address.ts';
import { rcode } from '../../resolver/message.ts';
import { hasErrno } from '../../system-error.ts';
import { networkFilesOf } from '../containers/network-files.ts';
import { hostFile } from '../host-file.ts';
import { inTime } from '../limit.ts';
import { askName } from './ask-name.ts';
import { type Explaining, inspectorOf, namespaceOf } from './explaining.ts';

/** Milliseconds for one server. */
const patience = 600;
const mostServers = 2;
/** Milliseconds for the host's own resolver, which may ask for half a minute (resolv.conf(5)). */
const hostPatience = 3_000;

export interface Resolved {
  readonly addresses: readonly string[];
  /** How, in a sentence without a full stop. */
  readonly how: string;
  readonly cause?: Cause;
}

interface Asking {
  readonly from: End;
  readonly name: string;
  readonly looking: Looking;
}

export async function resolve(core: Explaining, asking: Asking): Promise<Resolved> {
  const { from, name, looking } = asking;
  if (readAddress(name)) return { addresses: [name], how: '' };
  if (from.kind !== 'container') return resolveOnHost(core, asking);
  const files = filesOf(core, from);
  const listed = inHosts(hostFile(files.hosts), name);
  if (listed.length > 0) {
    const source = `/etc/hosts of ${from.name}`;
    const cause = staleCause({ from, to: findEnd(name, looking) }, { name, addresses: listed, source });
    return {
      addresses: listed,
      how: `${name} is ${listed.join(', ')} by ${source}`,
      ...(cause && { cause }),
    };
  }
  return askServers(core, { ...asking, text: hostFile(files.resolvConf) });
}

/** Of a namespace that the engine did not make, the host's. */
function filesOf(core: Explaining, from: End): { readonly hosts: string; readonly resolvConf: string } {
  if (from.kind === 'container' && from.container) return networkFilesOf(core, from.container);
  return { hosts: '/etc/hosts', resolvConf: '/etc/resolv.conf' };
}

/** Addresses of a name in the text of a hosts file (hosts(5)). */
export function inHosts(text: string, name: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const [address = '', ...names] = line.replace(/#.*$/, '').trim().split(/\s+/);
    return names.some((each) => each.toLowerCase() === name.toLowerCase()) && readAddress(address)
      ? [address]
      : [];
  });
}

async function askServers(core: Explaining, asking: Asking & { readonly text: string }): Promise<Resolved> {
  const { from, name, looking, text } = asking;
  const { servers, search } = parseResolvConf(text);
  const namespace = namespaceOf(core, from);
  const names = name.endsWith('.')
    ? [name.slice(0, -1)]
    : [name, ...search.map((suffix) => `${name}.${suffix}`)];
  const asked: string[] = [];
  let silent = '';
  for (const server of namespace ? servers.slice(0, mostServers) : []) {
    asked.push(server === resolverAddress ? `the engine's resolver (${server})` : server);
    const found = await askOne(namespace, { server, names });
    if (found.addresses.length > 0)
      return {
        addresses: found.addresses,
        how: `${name} is ${found.addresses.join(', ')} by ${asked.at(-1)}`,
      };
    if (found.isSilent) silent ||= server === resolverAddress ? upstreamOf(from) : server;
  }
  const to = findEnd(name, looking);
  const cause = unresolvedCause({
    ...{ view: looking.view, from, name, asked, silent },
    ...(to && { to }),
    ...unasked(core, { from, servers }),
  });
  return { addresses: [], how: '', cause };
}

/** Why the engine's resolver could not be asked, where it serves the sender. */
function unasked(
  core: Explaining,
  { from, servers }: { readonly from: End; readonly servers: readonly string[] },
): Pick<Unresolved, 'replaced' | 'loopbackDown'> {
  if (from.kind !== 'container' || !from.sandbox?.resolver) return {};
  if (!servers.includes(resolverAddress)) return { replaced: servers };
  const namespace = namespaceOf(core, from);
  const lo = namespace && inspectorOf(core, namespace).linkState('lo');
  return { loopbackDown: lo?.up === false };
}

/** Whom the resolver asks for names that it does not know. */
function upstreamOf(from: End): string {
  const own = from.kind === 'container' ? (from.sandbox?.dns.servers ?? []) : [];
  const servers = own.length > 0 ? own : parseResolvConf(hostFile('/etc/resolv.conf')).servers;
  return servers[0] ?? resolverAddress;
}

async function askOne(
  namespace: ReturnType<typeof namespaceOf>,
  { server, names }: { readonly server: string; readonly names: readonly string[] },
): Promise<{ readonly addresses: readonly string[]; readonly isSilent: boolean }> {
  let isSilent = false;
  for (const name of names.slice(0, mostServers)) {
    if (!namespace) break;
    const [four, six] = await Promise.all(
      ([4, 6] as const).map((family) => askName(namespace, { server, name, family, limit: patience })),
    );
    const addresses = [...(four?.addresses ?? []), ...(six?.addresses ?? [])];
    if (addresses.length > 0) return { addresses, isSilent: false };
    isSilent ||= four?.code === -1 || four?.code === rcode.SERVFAIL;
  }
  return { addresses: [], isSilent };
}

/** The host has no names of containers: those are their addresses by the records. */
async function resolveOnHost(core: Explaining, { from, name, looking }: Asking): Promise<Resolved> {
  const end = findEnd(name, looking);
  if (end?.kind === 'container')
    return {
      addresses: end.endpoints.flatMap((each) => each.addresses.map((one) => one.split('/')[0] ?? '')),
      how: `${name} is a container; its addresses are those on record`,
    };
  if (end?.kind === 'peer')
    return { addresses: end.peer.addresses.map((one) => one.split('/')[0] ?? ''), how: '' };
  const unresolved = { view: core.model, from, name };
  const asking = lookup(name, { all: true });
  if (!(await inTime(asking, hostPatience))) {
    const cause = unresolvedCause({
      ...unresolved,
      asked: ["the host's name servers"],
      silent: upstreamOf(from),
    });
    return { addresses: [], how: '', cause };
  }
  try {
    const addresses = (await asking).map(({ address }) => address);
    return { addresses, how: `${name} is ${addresses.join(', ')} by the host's own names` };
  } catch (error) {
    const asked = [`the host's name servers: ${messageOf(error)}`];
    const silent = hasErrno(error, 'EAI_AGAIN') ? upstreamOf(from) : '';
    return { addresses: [], how: '', cause: unresolvedCause({ ...unresolved, asked, silent }) };
  }
}
