/** Ends all that one attempt has opened. */

export interface Closable {
  close(): void;
}

/** Closes all, also where some fail; throws the first failure. */
export function closeAll(opened: readonly Closable[]): void {
  const failures: unknown[] = [];
  for (const one of opened)
    try {
      one.close();
    } catch (error) {
      failures.push(error);
    }
  if (failures.length > 0) throw failures[0];
}
