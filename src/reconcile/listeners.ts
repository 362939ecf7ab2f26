/** Functions that are called until they are taken back. */
export class Listeners<Listener> {
  readonly #all = new Set<Listener>();

  /** The returned function takes it back. */
  readonly add = (listener: Listener): (() => void) => {
    this.#all.add(listener);
    return () => this.#all.delete(listener);
  };

  [Symbol.iterator](): Iterator<Listener> {
    return this.#all.values();
  }
}
