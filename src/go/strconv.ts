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
  return int64(BigInt(text.replace('+', '')), { text, parser });
}

/** As `ParseUint(text, 10, 64)`; beyond 2^53 not exact. */
export function parseUint64(text: string): number {
  if (!/^\d+$/.test(text)) throw numError('ParseUint', text, 'invalid syntax');
  const value = BigInt(text);
  if (BigInt.asUintN(64, value) !== value) throw numError('ParseUint', text, 'value out of range');
  return Number(value);
}

/** As `ParseInt(text, 0, 64)`: `0x`, `0o`, `0` (octal) and `0b` begin other bases, `_` may separate digits. */
export function parseIntegerOfAnyBase(text: string): number {
  const [, sign, rest = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  const value = anyBase(rest);
  if (value === undefined) throw numError('ParseInt', text, 'invalid syntax');
  return int64(sign === '-' ? -value : value, { text, parser: 'ParseInt' });
}

/** As `ParseUint(text, 0, 32)`. */
export function parseUint32(text: string): number {
  const value = anyBase(text);
  if (value === undefined) throw numError('ParseUint', text, 'invalid syntax');
  if (value > 0xffff_ffffn) throw numError('ParseUint', text, 'value out of range');
  return Number(value);
}

function int64(value: bigint, { text, parser }: { readonly text: string; readonly parser: string }): number {
  if (BigInt.asIntN(64, value) !== value) throw numError(parser, text, 'value out of range');
  return Number(value);
}

const bases: Readonly<Record<string, RegExp>> = {
  '': /^\d+$/,
  b: /^[01]+$/,
  o: /^[0-7]+$/,
  x: /^[0-9a-f]+$/,
};

function anyBase(text: string): bigint | undefined {
  // an octal number may begin with 0 alone
  const spelled = text.toLowerCase().replace(/^0(?=_?\d)/, '0o');
  const [, base = '', digits = ''] = /^(?:0([box])_?)?(.*)$/s.exec(spelled) ?? [];
  const bare = digits.replace(/(?<=[0-9a-f])_(?=[0-9a-f])/g, '');
  return bases[base]?.test(bare) ? BigInt(base === '' ? bare : `0${base}${bare}`) : undefined;
}
