/** Keys below the folder, with a leading slash, as Docker's client wrote them. */

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const bytesOf = (text: string): Uint8Array => encoder.encode(text);
export const textOf = (bytes: Uint8Array): string => decoder.decode(bytes);

/** From `prefix/` up to `prefix0`: '0' follows '/'. */
export type KeyRange = { readonly key: Uint8Array; readonly rangeEnd: Uint8Array };

export class Keys {
  readonly #root: string;

  constructor(folder: string) {
    this.#root = folder === '' ? '/' : `/${folder}/`;
  }

  of(key: string): Uint8Array {
    return bytesOf(`${this.#root}${key}`);
  }

  name(key: Uint8Array): string {
    return textOf(key).slice(this.#root.length);
  }

  below(prefix: string): KeyRange {
    const from = `${this.#root}${prefix}`.replace(/\/$/, '');
    return { key: bytesOf(`${from}/`), rangeEnd: bytesOf(`${from}0`) };
  }
}
