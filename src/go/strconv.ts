/** Go's strconv: the same syntax and the same messages. All functions throw a plain `Error`. */

const booleans: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(['1', 't', 'T', 'true', 'TRUE', 'True'].map((text) => [text, true])),
  ...Object.fromEntries(['0', 'f', 'F', 'false', 'FALSE', 'False'].map((text) => [text, false])),
};

/** The text of Go's `strconv.NumError`. */
export const numError = (parser: string, text: string, why: string): Error =>
  new Error(`strconv.${parser}: parsing ${JSON.stringify(text)}: ${why}`);

export function parseBool(text: string): boolean {
  const value = Object.hasOwn(booleans, text) ? booleans[text] : undefined;
  if (value === undefined) throw numError('ParseBool', text, 'invalid syntax');
  return value;
}

/** An int64 in decimal digits. `parser` is the function that the error names. */
export function parseInteger(text: string, parser: 'Atoi' | 'ParseInt' = 'Atoi'): number {
  if (!/^[+-]?\d+$/.test(text)) throw numError(parser, text, 'invalid syntax');
  if (BigInt.asIntN(64, BigInt(text.replace('+', ''))) !== BigInt(text.replace('+', '')))
    throw numError(parser, text, 'value out of range');
  return Number(text);
}
