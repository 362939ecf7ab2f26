/** Parses a plugin's address from its `.spec` or `.json` file (docs.docker.com/engine/extend/plugin_api). Pure. */

import Type from 'typebox';
import { Check } from 'typebox/value';
import { fail, messageOf } from '../errors.ts';
import { decodeLikeGo } from '../go/decode.ts';
import { joinHostPort } from '../net/address.ts';

/** Paths of PEM files. */
export interface PluginTls {
  readonly verify: boolean;
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

export interface PluginAddress {
  readonly scheme: 'unix' | 'http' | 'https';
  /** Path, for `unix`. */
  readonly socket: string;
  /** For `http` and `https`. */
  readonly host: string;
  readonly port: number;
  readonly tls: PluginTls | undefined;
}

const elsewhere = { socket: '', host: '', port: 0, tls: undefined };

export const unixAddress = (socket: string): PluginAddress => ({ ...elsewhere, scheme: 'unix', socket });

/** The host in requests to a unix socket, as dockerd writes it. */
export const socketHost = 'plugin.moby.localhost';

/** `http://host:port`, for errors. */
export const urlOf = ({ scheme, host, port }: PluginAddress): string =>
  scheme === 'unix' ? `http://${socketHost}` : `${scheme}://${joinHostPort(host, port)}`;

/** `dial unix /run/x.sock`: how Go's errors begin for a connection that failed. */
export const dialOf = ({ scheme, socket, host, port }: PluginAddress): string =>
  scheme === 'unix' ? `dial unix ${socket}` : `dial tcp ${joinHostPort(host, port)}`;

const fileWords = (path: string, why: string) => fail('PLUGIN_FILE_INVALID', path, why);

/** A `.spec` file holds one URL. Throws PLUGIN_FILE_INVALID. */
export const parseSpec = (path: string, text: string): PluginAddress =>
  addressOf(path, text.trim(), undefined);

const jsonFile = Type.Object({
  Name: Type.Optional(Type.String()),
  Addr: Type.Optional(Type.String()),
  TLSConfig: Type.Optional(
    Type.Object({
      InsecureSkipVerify: Type.Optional(Type.Boolean()),
      CAFile: Type.Optional(Type.String()),
      CertFile: Type.Optional(Type.String()),
      KeyFile: Type.Optional(Type.String()),
    }),
  ),
});

/** A `.json` file holds `Addr`, and `TLSConfig` with paths of PEM files. Throws PLUGIN_FILE_INVALID. */
export function parseJson(path: string, text: string): PluginAddress {
  const value = decodeLikeGo(jsonFile, parsed(path, text));
  if (!Check(jsonFile, value)) throw fileWords(path, 'Addr and the paths of TLSConfig must be strings');
  const { Addr = '', TLSConfig: asked } = value;
  if (!asked) return addressOf(path, Addr, undefined);
  const { InsecureSkipVerify = false, CAFile = '', CertFile = '', KeyFile = '' } = asked;
  // as dockerd: without a CA the server's certificate is not verified
  const verify = !InsecureSkipVerify && CAFile !== '';
  return addressOf(path, Addr, { verify, caFile: CAFile, certFile: CertFile, keyFile: KeyFile });
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw fileWords(path, messageOf(thrown));
  }
}

function addressOf(path: string, url: string, tls: PluginTls | undefined): PluginAddress {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i.exec(url) ?? [];
  if (scheme === '') throw fileWords(path, 'Unknown protocol');
  if (scheme === 'unix') return { ...elsewhere, scheme, socket: socketPath(path, rest) };
  if (scheme !== 'tcp' && scheme !== 'http' && scheme !== 'https')
    throw fileWords(path, `Protocol not available: ${scheme}`);
  // tcp with TLS is https
  const secured = scheme === 'https' || tls !== undefined;
  return { ...elsewhere, ...hostAndPort(path, url, rest), scheme: secured ? 'https' : 'http', tls };
}

function socketPath(path: string, socket: string): string {
  if (!socket.startsWith('/')) throw fileWords(path, `the path of the socket is not absolute: ${socket}`);
  return socket;
}

function hostAndPort(path: string, url: string, rest: string): { host: string; port: number } {
  const [, plain, inBrackets, port] =
    /^(?:([^:/[\]]+)|\[([0-9a-f:.]+)\])(?::(\d{1,5}))?(?:\/.*)?$/i.exec(rest) ?? [];
  const host = plain ?? inBrackets;
  const number = Number(port ?? (url.startsWith('https:') ? 443 : 80));
  if (host === undefined || number < 1 || number > 65535) throw fileWords(path, `no host and port: ${url}`);
  return { host, port: number };
}
