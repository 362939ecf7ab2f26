/** Linked in place of `src/kernel/open.ts`: the same kernel, whose operations may fail. */
import { fail } from '../../../src/errors.ts';
import type { Kernel } from '../../../src/kernel/kernel.ts';
import { type KernelOptions, openKernel as openReal } from '../../../src/kernel/open.ts';
import { codeOf, pass } from './doors.ts';

/** Parts of it that have operations in their turn. */
const nested = /^(host|route|iptables)$/;
/** Ends, and what only tells later. */
const never = /^(close|drain|inside)$/;
const promising = /^(removeLinks|removeNamespace|save|restore|forgetFlows|forgetFlowsTo|forgetStaleFlows)$/;

export const openKernel = (options?: KernelOptions): Kernel => doorOf(openReal(options));

function doorOf<T extends object>(target: T): T {
  const parts = new Map<string, unknown>();
  return new Proxy(target, {
    get(_, key) {
      const name = String(key);
      const value: unknown = Reflect.get(target, key, target);
      if (nested.test(name) && typeof value === 'object' && value !== null) {
        if (!parts.has(name)) parts.set(name, doorOf(value));
        return parts.get(name);
      }
      if (typeof value !== 'function') return value;
      return function kernelDoor(...args: unknown[]): unknown {
        const failure = never.test(name) ? undefined : pass('kernel', name);
        if (failure) {
          const error = fail('KERNEL', name, codeOf(failure));
          if (promising.test(name)) return Promise.reject(error);
          throw error;
        }
        const result: unknown = Reflect.apply(value, target, args);
        return name === 'openNamespace' ? doorOf(result as object) : result;
      };
    },
  });
}
