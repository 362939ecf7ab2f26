/** Whole numbers beyond what a double holds exactly, in JSON. */

/** The most that Go's uint64 takes: where there are more addresses, Docker says this. */
const most = 2n ** 64n - 1n;

/** ECMAScript's "JSON.parse source text access", which the type library does not know yet. */
interface RawJson {
  rawJSON(text: string): object;
}

/** A value that `JSON.stringify` writes as that number, digit by digit, 2^64 - 1 at the most. */
export const exactInteger = (value: bigint): object =>
  (JSON as unknown as RawJson).rawJSON(String(value > most ? most : value));
