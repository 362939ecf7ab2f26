/** Integers beyond the exact range of a double, in JSON. */

/** The largest uint64, which Docker shows for more addresses. */
const most = 2n ** 64n - 1n;

/** ECMAScript's "JSON.parse source text access", which the type library does not know yet. */
interface RawJson {
  rawJSON(text: string): object;
}

/** A value that `JSON.stringify` writes as that number, digit by digit, 2^64 - 1 at the most. */
export const exactInteger = (value: bigint): object =>
  (JSON as unknown as RawJson).rawJSON(String(value > most ? most : value));
