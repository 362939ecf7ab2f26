/** The filter that finds the detach keys in what a client types. Pure. */

export interface DetachFilter {
  /** Input to pass on now, and whether the keys were completed (input after them is dropped). */
  feed(chunk: Uint8Array): { readonly pass: Uint8Array; readonly detached: boolean };
}

/** Length of the longest end of `held` that starts the sequence. */
function heldPart(held: readonly number[], keys: Uint8Array): number {
  for (let length = Math.min(held.length, keys.length); length > 0; length -= 1) {
    const tail = held.slice(held.length - length);
    if (tail.every((byte, i) => byte === keys[i])) return length;
  }
  return 0;
}

/**
 * Bytes that may start the sequence are held back until it is completed or broken off, and then passed on. An empty
 * sequence passes everything.
 */
export function createDetachFilter(keys: Uint8Array): DetachFilter {
  let held: number[] = [];
  return {
    feed(chunk) {
      if (keys.length === 0) return { pass: chunk, detached: false };
      const pass: number[] = [];
      for (const byte of chunk) {
        held.push(byte);
        const keep = heldPart(held, keys);
        if (keep === keys.length) return { pass: Uint8Array.from(pass), detached: true };
        pass.push(...held.slice(0, held.length - keep));
        held = held.slice(held.length - keep);
      }
      return { pass: Uint8Array.from(pass), detached: false };
    },
  };
}
