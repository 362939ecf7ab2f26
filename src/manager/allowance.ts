/** How often an address may ask without a certificate. */

export interface Allowance {
  /** Whether it may ask now. */
  take(address: string): boolean;
}

interface Budget {
  left: number;
  at: number;
}

/** `burst` requests at once, then `rate` per second. At most `most` addresses are remembered. */
export function createAllowance(
  { burst, rate, most }: { readonly burst: number; readonly rate: number; readonly most: number },
  now: () => number = () => performance.now(),
): Allowance {
  const budgets = new Map<string, Budget>();
  return {
    take: (address) => {
      const at = now();
      const known = budgets.get(address) ?? { left: burst, at };
      const left = Math.min(burst, known.left + ((at - known.at) / 1000) * rate);
      budgets.delete(address);
      budgets.set(address, { left: Math.max(0, left - 1), at });
      const [oldest] = budgets.keys();
      if (budgets.size > most && oldest !== undefined) budgets.delete(oldest);
      return left >= 1;
    },
  };
}
