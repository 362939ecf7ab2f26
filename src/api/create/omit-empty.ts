/** Members of Go's structs that are `omitempty`: left out where they say nothing. */
import { isEmpty } from './refusals.ts';

export type Omitting<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

export function omitEmpty<T extends object>(members: T): Omitting<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => !isEmpty(value))) as Omitting<T>;
}
