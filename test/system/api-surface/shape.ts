/** The shape of an answer: status, type of content, and of a JSON body each place with its type. */
import type { Answer } from '../request.ts';

const anonymous = (text: string): string =>
  text.replaceAll(/\b[0-9a-f]{64}\b/g, 'ID').replaceAll(/\b[0-9a-f]{12}\b/g, 'ID');

/** The message of an error, without ids that differ from engine to engine. */
export const messageIn = ({ message }: Answer): string => anonymous(message);

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return '[]';
  return typeof value === 'object' ? '{}' : typeof value;
}

/** `.State.Running: boolean`; elements of a list are one place, and an empty map or list is a type. */
export function placesOf(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value) && value.length > 0) return value.flatMap((item) => placesOf(item, `${path}[]`));
  if (typeof value === 'object' && value !== null && Object.keys(value).length > 0)
    return Object.entries(value).flatMap(([key, inner]) => placesOf(inner, `${path}.${anonymous(key)}`));
  return [`${path}: ${typeOf(value)}`];
}

/** What is wrong with JSON is said in the words of Go's library, which differ from version to version. */
const inAnyWords = (message: string): string => message.replace(/^(invalid JSON: ).*/, '$1<why>');

/** Whether a container has read from a disk is chance: its lists of block input are empty, null or filled. */
const inAnyState = (place: string): string =>
  place.replace(/(\.blkio_stats\.\w+)(\[\].*|: (\[\]|null))$/, '$1: any list');

/** Lines to compare; equal for answers that a client cannot tell apart but by their values. */
export function shapeOf(answer: Answer): readonly string[] {
  const { status, headers, json, text } = answer;
  const body =
    json === undefined
      ? [`body: ${text === '' ? 'empty' : 'text'}`]
      : [...(status >= 400 ? [`message: ${inAnyWords(messageIn(answer))}`] : placesOf(json).map(inAnyState))];
  return [`status: ${status}`, `content-type: ${headers['content-type'] ?? 'none'}`, ...new Set(body)];
}

/** What the first has and the second has not, and the other way round. */
export function differencesOf(docker: readonly string[], seaway: readonly string[]): readonly string[] {
  const [theirs, ours] = [new Set(docker), new Set(seaway)];
  return [
    ...[...theirs.difference(ours)].map((line) => `docker ${line}`),
    ...[...ours.difference(theirs)].map((line) => `seaway ${line}`),
  ];
}
