/** The types of a row in the table of errors. */

/** What went wrong, seen from the caller, and the HTTP status that the API answers with. */
export const statusOfKind = {
  notModified: 304,
  invalid: 400,
  unauthorized: 401,
  forbidden: 403,
  notFound: 404,
  conflict: 409,
  tooLarge: 413,
  internal: 500,
  notImplemented: 501,
  unavailable: 503,
} as const;

export type ErrorKind = keyof typeof statusOfKind;

/** Kind and message. */
export type Entry = readonly [ErrorKind, (...args: never[]) => string];

/** In double quotes. */
export const q = (value: string): string => `"${value}"`;
