/** The target of a request: its version prefix, and names that have slashes in them. */

export interface Target {
  /** `1.41` of `/v1.41/...`; undefined without a prefix. */
  readonly version: string | undefined;
  /** Path without version prefix; slashes that are part of a name are `%2F`. */
  readonly path: string;
  /** With its question mark, or ''. */
  readonly search: string;
}

/** Families whose names may hold slashes: `GET /images/registry.example/team/app/json`. */
const families = /^\/(containers|images|distribution|plugins|volumes)\/(.+)$/;

/**
 * Docker's router takes `{name:.*}` in the middle of a path. Here the slashes of such a name are encoded,
 * so that a name is one segment: all before the last segment (all of it for DELETE, and for volumes) is the name.
 */
function encodeName(method: string, path: string): string {
  const [, family = '', rest = ''] = families.exec(path) ?? [];
  if (!rest.includes('/')) return path;
  const isAll = method === 'DELETE' || family === 'volumes';
  const action = isAll ? '' : (/(\/attach\/ws|\/[^/]*)$/.exec(rest)?.[0] ?? '');
  const name = rest.slice(0, rest.length - action.length);
  return `/${family}/${name.replaceAll('/', '%2F')}${action}`;
}

/**
 * Where a path with `//`, `.` or `..` in it leads; undefined when it has none. Docker's router sends clients
 * there by a 301, so that no such part ever reaches a name.
 */
export function cleanerUrl(url: string): string | undefined {
  const [path = '', ...query] = url.split('?');
  if (!path.startsWith('/') || !/\/\/|\/\.\.?(\/|$)/.test(path)) return undefined;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  const slash = path.endsWith('/') && parts.length > 0 ? '/' : '';
  return [`/${parts.join('/')}${slash}`, ...query].join('?');
}

/** Take a request's URL apart. A URL in absolute form (`http://docker/v1.41/info`) is accepted too. */
export function parseTarget(method: string, url: string): Target {
  const relative = url.replace(/^[a-z]+:\/\/[^/?]*/i, '');
  const question = relative.indexOf('?');
  const whole = question < 0 ? relative : relative.slice(0, question);
  const [prefix = '', version] = /^\/v([0-9.]+)(?=\/)/.exec(whole) ?? [];
  return {
    version,
    path: encodeName(method, whole.slice(prefix.length)) || '/',
    search: question < 0 ? '' : relative.slice(question),
  };
}
