/** What must be done sooner or later, and must not fail what has happened already. */

/** Milliseconds before the next try. */
const usualPauses = [1_000, 10_000, 60_000];

export interface InTheEnd {
  /** For the log: `removing layers`. */
  readonly doing: string;
  readonly logger: { warn(text: string, details: { readonly error: unknown }): void };
  readonly pauses?: readonly number[];
}

/** Never rejects. What fails is tried again later, a few times, and at last left to the next start. */
export async function inTheEnd(
  task: () => Promise<unknown>,
  { doing, logger, pauses = usualPauses }: InTheEnd,
): Promise<void> {
  try {
    await task();
  } catch (error) {
    logger.warn(`${doing}: it will be tried again`, { error });
    const [pause, ...rest] = pauses;
    if (pause === undefined) return;
    setTimeout(() => void inTheEnd(task, { doing, logger, pauses: rest }), pause).unref();
  }
}
