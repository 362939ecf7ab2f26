/** Linked in place of `src/store/store.ts`: the same store, whose commits may fail. */
import { fail } from '../../../src/errors.ts';
import { openStore as openReal, type Store } from '../../../src/store/store.ts';
import { codeOf, pass } from './doors.ts';

export type { Store } from '../../../src/store/store.ts';

export function openStore(path: string): Store {
  const real = openReal(path);
  return {
    ...real,
    async commit(...args) {
      const failure = pass('store', 'commit');
      if (failure) throw fail('STORE_NOT_WRITTEN', path, codeOf(failure));
      await real.commit(...args);
    },
  };
}
