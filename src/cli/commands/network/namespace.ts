/** `network connect` and `disconnect` of a namespace that is no container's (`--netns`). */
import { resolve } from 'node:path';
import { OperandError } from '../../command.ts';
import type { Context } from '../../context.ts';

/** How many operands there must be depends on a flag: `checkTarget` counts them. */
export const anyCount = [0, Number.MAX_SAFE_INTEGER] as const;

/** A network, and a container unless a namespace is given by its flag. Throws `OperandError`. */
export function checkTarget(operands: readonly string[], isNamespace: boolean): void {
  const count = isNamespace ? 1 : 2;
  if (operands.length !== count)
    throw new OperandError(`requires ${count} ${count === 1 ? 'argument' : 'arguments'}`, false);
}

/** A bare name is one of `ip netns`. */
export const namespacePath = (given: string): string =>
  given.includes('/') ? resolve(given) : `/run/netns/${given}`;

interface Connected {
  readonly ResolvConf: string;
  readonly Networks: Readonly<
    Record<
      string,
      {
        readonly Name: string;
        readonly Interface: string;
        readonly IPv4Address: string;
        readonly IPv6Address: string;
      }
    >
  >;
}

export interface NamespaceRequest {
  readonly network: string;
  readonly namespace: string;
  readonly name: string;
}

/** Connect it, and say where it is now and how it gets at the names. Resolves to the exit status. */
export async function connectNamespace(
  context: Context,
  { network, namespace, name }: NamespaceRequest,
  endpoint: object,
): Promise<number> {
  const engine = await context.engine();
  const path = namespacePath(namespace);
  const json = { Namespace: path, Name: name, EndpointConfig: endpoint };
  const at = `/seaway/networks/${encodeURIComponent(network)}/connect`;
  const answer = await engine.json<Connected>('POST', at, { json });
  const place = Object.values(answer.Networks).find((one) => one.Name === name);
  const addresses = [place?.IPv4Address, place?.IPv6Address].filter(Boolean).join(' ');
  await context.print(`${name} ${place?.Interface ?? ''} ${addresses}\n`);
  await context.print(`For its names put into ${resolvConfPath(path)}:\n${answer.ResolvConf}`);
  return 0;
}

/** Path that `ip netns exec` uses (ip-netns(8)); for other namespaces the programs inside have their own file. */
function resolvConfPath(path: string): string {
  const [, name] = /^(?:\/var)?\/run\/netns\/([^/]+)$/.exec(path) ?? [];
  return name === undefined ? 'the /etc/resolv.conf of what runs in it' : `/etc/netns/${name}/resolv.conf`;
}

export async function disconnectNamespace(
  context: Context,
  { network, namespace, name }: NamespaceRequest,
): Promise<number> {
  const engine = await context.engine();
  const json = { Namespace: namespace === '' ? '' : namespacePath(namespace), Name: name };
  await engine.text('POST', `/seaway/networks/${encodeURIComponent(network)}/disconnect`, { json });
  return 0;
}
