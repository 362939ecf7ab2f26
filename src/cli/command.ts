/** Commands and their calls. */
import type { Context } from './context.ts';
import { UsageError } from './failure.ts';
import type { Flags, FlagValues } from './flags/flag.ts';
import { parseWords } from './flags/parser.ts';

/** One call of a command: its flags, its operands, and its context. */
export interface Call<F extends Flags> {
  readonly flags: FlagValues<F>;
  /** Flags that were given, by our names. */
  readonly given: ReadonlySet<string>;
  readonly operands: readonly string[];
  readonly context: Context;
}

export interface CommandSpec<F extends Flags> {
  /** Operands in the usage line: `CONTAINER [CONTAINER...]`. */
  readonly takes?: string;
  /** How many operands: at least, at most. */
  readonly count?: readonly [number, number];
  readonly flags: F;
  /** Flags end at the first operand: the rest belongs to a container. */
  readonly passThrough?: boolean;
  /** Resolves to the exit status, nothing means 0, or to `help` for its help text. */
  readonly run: (call: Call<F>) => Promise<number | 'help' | undefined>;
}

/** A command, ready to be called with words. */
export interface Command {
  readonly takes: string;
  readonly flags: Flags;
  /** Resolves to `help` for `--help`. Throws `UsageError`, `OperandError`. */
  execute(words: readonly string[], context: Context): Promise<number | 'help'>;
}

/** Too many operands or too few. */
export class OperandError extends UsageError {
  readonly tooFew: boolean;

  constructor(message: string, tooFew: boolean) {
    super(message);
    this.tooFew = tooFew;
  }
}

export function defineCommand<const F extends Flags>(spec: CommandSpec<F>): Command {
  return {
    takes: spec.takes ?? '',
    flags: spec.flags,
    async execute(words, context) {
      const parsed = parseWords(spec.flags, words, spec.passThrough);
      if (parsed.help) return 'help';
      checkCount(parsed.operands.length, spec.count ?? [0, 0]);
      // Each value came from its own flag's kind, so it has that flag's type.
      const flags = parsed.values as FlagValues<F>;
      return (await spec.run({ flags, given: parsed.given, operands: parsed.operands, context })) ?? 0;
    },
  };
}

const plural = (count: number): string => (count === 1 ? 'argument' : 'arguments');

function checkCount(count: number, [least, most]: readonly [number, number]): void {
  if (count >= least && count <= most) return;
  if (most === 0) throw new OperandError('accepts no arguments', false);
  if (least === most) throw new OperandError(`requires ${least} ${plural(least)}`, false);
  if (count < least) throw new OperandError(`requires at least ${least} ${plural(least)}`, true);
  throw new OperandError(`requires at most ${most} ${plural(most)}`, false);
}
