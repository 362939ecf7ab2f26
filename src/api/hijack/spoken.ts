/** How dockerd tells that an exec could not be started: in its stream, which clients have by then. */

/** Docker's frame: stream 1 (standard output), three zero bytes, length, payload. */
function frame(payload: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header[0] = 1;
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

/** With a terminal the text is bare, without one it is framed. */
export function spoken(text: string, options: { readonly tty: boolean }): Buffer {
  const payload = Buffer.from(`${text}\r\n`);
  return options.tty ? payload : frame(payload);
}
