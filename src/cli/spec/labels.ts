/** `key=value` texts to records. */
import { cut } from '../../flags/kinds.ts';

/** Labels: without `=` the value is empty; the last of a name counts. */
export function recordOf(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const [key, value] = cut(text, '=');
      return [key, value ?? ''];
    }),
  );
}
