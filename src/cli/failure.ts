/** How a command ends badly. */

export interface FailureOptions {
  /** Exit status, default 1. */
  readonly status?: number;
  readonly cause?: unknown;
}

/** A command that failed: its message goes to standard error as it is. */
export class CliError extends Error {
  readonly status: number;

  constructor(message: string, { status = 1, cause }: FailureOptions = {}) {
    super(message, { cause });
    this.name = 'CliError';
    this.status = status;
  }
}

/** The command line itself is wrong; the usage line is shown below the message, and the status is 125. */
export class UsageError extends CliError {
  constructor(message: string) {
    super(message, { status: 125 });
    this.name = 'UsageError';
  }
}
