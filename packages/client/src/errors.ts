/** Why a request failed. */

/** What this package throws; a message that a user can be shown. */
export class ClientError extends Error {}

/** The engine cannot be reached at all. */
export class ConnectionError extends ClientError {
  override readonly name = 'ConnectionError';
}

/** The engine's refusal: its message behind `Error response from daemon: `. */
export class EngineError extends ClientError {
  override readonly name = 'EngineError';
  readonly httpStatus: number;
  /** The engine's own words. */
  readonly reason: string;

  constructor(reason: string, httpStatus: number) {
    super(`Error response from daemon: ${reason}`);
    this.httpStatus = httpStatus;
    this.reason = reason;
  }
}
