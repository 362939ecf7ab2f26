/** Where the engine is: `-H`, SEAWAY_HOST, DOCKER_HOST, or our own socket. */
import { ClientError } from './errors.ts';

export const defaultHost = 'unix:///run/seaway/engine.sock';

export type Address =
  | { readonly kind: 'unix'; readonly path: string; readonly shown: string }
  | {
      readonly kind: 'tcp';
      readonly host: string;
      readonly port: number;
      readonly base: string;
      readonly shown: string;
    };

/** The address as it was given, or the first that the environment names. */
export function chooseHost(
  given: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): string {
  return (
    [given, env.SEAWAY_HOST, env.DOCKER_HOST].find((host) => host !== undefined && host !== '') ?? defaultHost
  );
}

/** Take an address apart. Throws `ClientError` for schemes that it does not know. */
export function parseAddress(host: string, tls: boolean): Address {
  const [scheme, rest] = host.includes('://')
    ? [host.slice(0, host.indexOf('://')), host.slice(host.indexOf('://') + 3)]
    : ['tcp', host];
  if (scheme === 'unix')
    return { kind: 'unix', path: rest === '' ? '/run/seaway/engine.sock' : rest, shown: `unix://${rest}` };
  if (scheme !== 'tcp' && scheme !== 'http' && scheme !== 'https') {
    throw new ClientError(
      `unable to parse docker host ${JSON.stringify(host)}: seaway speaks unix:// and tcp://`,
    );
  }
  const match = /^(?:\[([^\]]*)\]|([^:/]*))(?::(\d+))?(\/.*)?$/.exec(rest);
  if (match === null) throw new ClientError(`unable to parse docker host ${JSON.stringify(host)}`);
  const name = match[1] ?? match[2] ?? '';
  const port = Number(match[3] ?? (tls ? 2376 : 2375));
  return {
    kind: 'tcp',
    host: name === '' ? 'localhost' : name,
    port,
    base: (match[4] ?? '').replace(/\/$/, ''),
    shown: `tcp://${rest === '' ? `localhost:${port}` : rest}`,
  };
}
