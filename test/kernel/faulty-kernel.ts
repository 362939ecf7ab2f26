/** Faults: a kernel whose n-th call that acts throws, and every one after it, as if the engine had been killed. */
import type { Kernel } from '../../src/kernel/kernel.ts';

const acts = /^(create|change|remove|add|replace|write|restore)/;
const nested = /^(host|route|iptables)$/;

export interface FaultyKernel {
  readonly kernel: Kernel;
  /** Whether the fault was met. */
  failed(): boolean;
}

export class InjectedFault extends Error {}

export function faultyKernel(real: Kernel, failAt: number): FaultyKernel {
  let count = 0;
  const wrap = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(_, key) {
        const value: unknown = Reflect.get(target, key, target);
        const name = String(key);
        if (nested.test(name) && typeof value === 'object' && value !== null) return wrap(value);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          if (acts.test(name) && ++count >= failAt) throw new InjectedFault(`fault ${failAt}: ${name}`);
          const result: unknown = Reflect.apply(value, target, args);
          return name === 'openNamespace' ? wrap(result as object) : result;
        };
      },
    });
  return { kernel: wrap(real), failed: () => count >= failAt };
}
