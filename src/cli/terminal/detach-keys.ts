/** The keys that detach from a container: by default `ctrl-p,ctrl-q`. */

export const defaultDetachKeys = 'ctrl-p,ctrl-q';

/** The bytes of `ctrl-p,ctrl-q`, `ctrl-@`, `a`. Throws an `Error` in docker's words. */
export function parseDetachKeys(text: string): Buffer {
  const bytes = text.split(',').map((key) => {
    if ([...key].length === 1) return key.charCodeAt(0);
    const control = /^ctrl-([a-z@[\\\]^_])$/i.exec(key)?.[1];
    if (control === undefined) throw new Error(`Unknown character: '${key}'`);
    return control.toUpperCase().charCodeAt(0) & 0x1f;
  });
  return Buffer.from(bytes);
}

/**
 * Finds the key sequence in what is typed. Keys that may begin it are held back until it is clear that they do
 * not.
 */
export class DetachWatcher {
  private readonly keys: Buffer;
  private matched = 0;

  constructor(keys: Buffer) {
    this.keys = keys;
  }

  /** Input to pass on, and whether the sequence is complete. */
  push(typed: Buffer): { readonly pass: Buffer; readonly detached: boolean } {
    if (this.keys.length === 0) return { pass: typed, detached: false };
    const pass: number[] = [];
    for (const byte of typed) {
      if (byte === this.keys[this.matched]) {
        this.matched++;
        if (this.matched === this.keys.length) return { pass: Buffer.from(pass), detached: true };
        continue;
      }
      pass.push(...this.keys.subarray(0, this.matched));
      this.matched = byte === this.keys[0] ? 1 : 0;
      if (this.matched === 0) pass.push(byte);
    }
    return { pass: Buffer.from(pass), detached: false };
  }
}
