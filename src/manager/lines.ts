/** Messages as lines of JSON. */

/** Calls `each` with every whole line. Throws a RangeError for one that is longer than `most` bytes. */
export function lineReader(most: number, each: (line: string) => void): (chunk: Buffer) => void {
  let pieces: Buffer[] = [];
  let size = 0;
  return (chunk) => {
    let rest = chunk;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      pieces.push(rest.subarray(0, end));
      const line = Buffer.concat(pieces).toString('utf8');
      pieces = [];
      size = 0;
      rest = rest.subarray(end + 1);
      if (line !== '') each(line);
    }
    size += rest.length;
    if (size > most) throw new RangeError('a message is too long');
    if (rest.length > 0) pieces.push(rest);
  };
}

export const lineOf = (message: object): string => `${JSON.stringify(message)}\n`;
