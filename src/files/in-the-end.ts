/** Clean-up that must happen eventually and must not fail its caller. */

/** Milliseconds before each further try. */
const usualPauses = [1_000, 10_000, 60_000];

export interface InTheEnd {
  /** For the log: `removing layers`. */
  readonly doing: string;
  readonly logger: { warn(text: string, details: { readonly error: unknown }): void };
  readonly pauses?: readonly number[];
}

/** Never rejects. A failed task is retried a few times, then left to the next start of the engine. */
export async function inTheEnd(
  task: () => Promise<unknown>,
  { doing, logger, pauses = usualPauses }: InTheEnd,
): Promise<void> {
  try {
    await task();
  } catch (error) {
    const [pause, ...rest] = pauses;
    const next = pause === undefined ? 'left to the next start' : 'it will be tried again';
    logger.warn(`${doing}: ${next}`, { error });
    if (pause === undefined) return;
    setTimeout(() => void inTheEnd(task, { doing, logger, pauses: rest }), pause).unref();
  }
}
