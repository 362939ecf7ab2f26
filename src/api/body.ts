/** JSON bodies: read within a limit, decoded as Go does, checked against a schema, refused in Docker's words. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { fail } from '../errors.ts';
import { decodeLikeGo } from '../go/decode.ts';
import { jsonProblem } from '../go/json-syntax.ts';
import { explainMismatch } from '../go/mismatch.ts';

/** Bytes of JSON that a request may carry. */
export const jsonLimit = 4 * 1024 * 1024;

/** Turns the text of a body into a value of the schema's type, or throws BAD_REQUEST. */
export type BodyParser<T> = (text: string) => T;

/** Make the parser of one kind of body. The schema's `title` is Go's name of the struct, for messages. */
export function bodyParser<S extends TSchema>(schema: S): BodyParser<Static<S>> {
  // compiled when it is first needed: most kinds of body never come
  let validator: ReturnType<typeof Compile<S>> | undefined;
  return (text) => {
    validator ??= Compile(schema);
    const value = decodeLikeGo(schema, text === '' ? null : parseJson(text));
    if (validator.Check(value)) return value as Static<S>;
    const [problem] = validator.Errors(value);
    throw fail(
      'BAD_REQUEST',
      `invalid JSON: ${problem ? explainMismatch(schema, value, problem) : 'wrong types'}`,
    );
  };
}

function parseJson(text: string): unknown {
  if (text.trim() === '') throw fail('BAD_REQUEST', 'invalid JSON: got EOF while reading request body');
  try {
    return JSON.parse(text);
  } catch {
    const problem = jsonProblem(text);
    if (problem === undefined) throw fail('BAD_REQUEST', 'unexpected content after JSON');
    throw fail('BAD_REQUEST', `invalid JSON: ${problem}`);
  }
}

/**
 * A body must be declared as JSON. Docker allows no Content-Type only where there is no body.
 * Throws BAD_REQUEST.
 */
export function requireJson(headers: IncomingHttpHeaders): void {
  const type = headers['content-type'] ?? '';
  const length = headers['content-length'];
  if (type === '' && (length === '0' || (length === undefined && !headers['transfer-encoding']))) return;
  if (type.split(';')[0]?.trim().toLowerCase() === 'application/json') return;
  if (type === '') throw fail('BAD_REQUEST', 'malformed Content-Type header (): mime: no media type');
  throw fail('BAD_REQUEST', `unsupported Content-Type header (${type}): must be 'application/json'`);
}

/** Bytes of a body over the limit that are read and thrown away, so that the client hears the answer. */
const discardLimit = 64 * 1024 * 1024;

/** Read a whole body as text. Throws BODY_TOO_LARGE. */
export async function readText(source: Readable, headers: IncomingHttpHeaders): Promise<string> {
  const announced = Number(headers['content-length'] ?? 0);
  if (announced > discardLimit) throw fail('BODY_TOO_LARGE', jsonLimit);
  const chunks: Uint8Array[] = [];
  let size = 0;
  // The connection must live on after an early return, for the answer.
  for await (const chunk of source.iterator({ destroyOnReturn: false })) {
    const bytes = chunk as Uint8Array;
    size += bytes.length;
    if (size > discardLimit) break;
    if (size <= jsonLimit) chunks.push(bytes);
  }
  // a client that still writes when the connection is closed would see that, and not the answer
  if (Math.max(size, announced) > jsonLimit) throw fail('BODY_TOO_LARGE', jsonLimit);
  return Buffer.concat(chunks).toString('utf8');
}
