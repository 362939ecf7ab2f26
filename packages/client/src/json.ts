/** JSON of the API, with exact integers. */

/** Integers that a double cannot hold become bigints, from Node.js 22 on. */
export function parseJson(text: string): unknown {
  return JSON.parse(text, exactNumber as (key: string, value: unknown) => unknown);
}

// The third argument (ES2026, JSON.parse source text access) is not in the library's types yet, and Node.js 20 has none.
function exactNumber(_key: string, value: unknown, { source = '' }: { source?: string } = {}): unknown {
  return typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source)
    ? BigInt(source)
    : value;
}
