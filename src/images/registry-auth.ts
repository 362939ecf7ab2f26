/** Credentials as clients send them. */
import { fail } from '../errors.ts';

/** Credentials of `X-Registry-Auth`: base64url of JSON; undefined when it names no user. */
export function registryAuth(header: string): { username: string; password: string } | undefined {
  if (header === '') return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'));
  } catch (cause) {
    throw fail(
      'BAD_REQUEST',
      `invalid X-Registry-Auth header: ${cause instanceof Error ? cause.message : ''}`,
    );
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const auth = parsed as Readonly<Record<string, unknown>>;
  if (text(auth.identitytoken) !== '' || text(auth.registrytoken) !== '') {
    throw fail('NOT_SUPPORTED', 'signing in to a registry with a token');
  }
  const username = text(auth.username);
  return username === '' ? undefined : { username, password: text(auth.password) };
}
