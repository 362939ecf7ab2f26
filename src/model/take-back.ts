/**
 * Taking a change back after something else has happened. A record may have been changed by others in the
 * meantime: only the fields that the change itself gave a value go back, the rest stays as it is now.
 */
import { type Change, keyOf, type TableName, type Tables, type View } from './tables.ts';

type AnyRecord = Tables[TableName];

interface Step {
  readonly table: TableName;
  readonly key: string;
  readonly before: AnyRecord | undefined;
  after: AnyRecord | undefined;
}

const keyOfChange = (change: Change): string =>
  'remove' in change ? change.remove : keyOf(change.table, change.put);

const recordOf = (change: Change): AnyRecord | undefined => ('put' in change ? change.put : undefined);

/** The effect of a list of changes on each record. */
function stepsOf(made: readonly Change[], inverse: readonly Change[]): Step[] {
  const steps = new Map<string, Step>();
  for (const [index, change] of made.entries()) {
    const key = keyOfChange(change);
    const name = `${change.table} ${key}`;
    const known = steps.get(name);
    const undo = inverse[made.length - 1 - index];
    if (known) known.after = recordOf(change);
    else
      steps.set(name, {
        table: change.table,
        key,
        before: undo && recordOf(undo),
        after: recordOf(change),
      });
  }
  return [...steps.values()];
}

/** `now`, with the fields that differ between `before` and `after` as they were before. */
function merged(before: AnyRecord, after: AnyRecord, now: AnyRecord): AnyRecord {
  if (now === after) return before;
  const fields = new Map<string, unknown>(Object.entries(now));
  const [old, made] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  for (const field of new Set([...old.keys(), ...made.keys()])) {
    if (Object.is(old.get(field), made.get(field))) continue;
    if (old.has(field)) fields.set(field, old.get(field));
    else fields.delete(field);
  }
  return Object.fromEntries(fields) as unknown as AnyRecord;
}

/** The change that restores one record, if any. */
function backOf(view: Pick<View, 'get'>, { table, key, before, after }: Step): Change | undefined {
  const now = view.get(table, key);
  if (!before) return now && ({ table, remove: key } as Change);
  if (!after) return now ? undefined : ({ table, put: before } as Change);
  return now && ({ table, put: merged(before, after, now) } as Change);
}

type TakeBack = (
  view: Pick<View, 'get'>,
  made: readonly Change[],
  inverse: readonly Change[],
) => readonly Change[];

const takeBackWhere =
  (isWanted: (step: Step) => boolean): TakeBack =>
  (view, made, inverse) =>
    stepsOf(made, inverse)
      .filter(isWanted)
      .flatMap((step) => backOf(view, step) ?? [])
      .reverse();

/**
 * The changes that take back `made`, given what `Model.apply` answered to it. A record that somebody has
 * removed since is not brought back, unless it was the change that removed it. What the outbox had before stands for a
 * request that has gone on: it stays away.
 */
export const takeBack: TakeBack = takeBackWhere(({ table, before }) => table !== 'outbox' || !before);

/** As `takeBack`, for changes that were not written: no request has gone on, and the outbox is as it was too. */
export const takeBackUnwritten: TakeBack = takeBackWhere(() => true);
