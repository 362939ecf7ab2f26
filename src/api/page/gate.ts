/** Who may ask the page's server, and for what. */
import type { IncomingHttpHeaders } from 'node:http';

/** Whatever an attacker's name resolves to, a browser sends that name. */
const loopbackHost = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/;

/** Why a request is refused by its headers, or ''. */
export function strangerIn(headers: IncomingHttpHeaders): string {
  const { host = '', origin } = headers;
  if (!loopbackHost.test(host)) return `the page is not served as ${host || 'a host without a name'}`;
  if (origin !== undefined && origin !== `http://${host}`) return `requests from ${origin} are refused`;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    return 'requests from other sites are refused';
  return '';
}

/** The token of `Authorization: Bearer TOKEN`, or ''. */
export const tokenOf = ({ authorization = '' }: IncomingHttpHeaders): string =>
  /^Bearer ([A-Za-z0-9_-]{43})$/.exec(authorization)?.[1] ?? '';

/** A name or an id, which needs no percent signs. */
const name = '[A-Za-z0-9][A-Za-z0-9_.-]*';

const pattern = (path: string): RegExp => new RegExp(`^${path.replaceAll('*', name)}$`);

/** None of these tells environment variables, files or output of containers. */
const reads = [
  '/seaway/map',
  '/seaway/map/traffic',
  '/seaway/map/rules',
  '/seaway/explain',
  '/seaway/doctor',
  '/seaway/capture',
  '/seaway/policies',
  '/seaway/containers/*/ports',
  '/events',
].map(pattern);

const writes = [
  '/containers/*/start',
  '/containers/*/stop',
  '/containers/*/restart',
  '/containers/*/pause',
  '/containers/*/unpause',
  '/networks/*/connect',
  '/networks/*/disconnect',
  '/seaway/containers/*/ports/add',
  '/seaway/containers/*/ports/remove',
  '/seaway/doctor/fix',
].map(pattern);

/** What a request to the engine is; `none`: the page has no part in it. */
export function useOf(method: string, path: string): 'read' | 'write' | 'none' {
  if (method === 'GET' && reads.some((each) => each.test(path))) return 'read';
  if (method === 'POST' && writes.some((each) => each.test(path))) return 'write';
  return 'none';
}
