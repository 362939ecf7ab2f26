/** Pax extended header records (POSIX.1-2001 pax, "length key=value\n"), as byte strings. */
import { fail } from '../../errors.ts';

export type PaxRecords = ReadonlyMap<string, string>;

/** In the order in which they stand: GNU's sparse format 0.0 repeats its keys. */
export function parsePaxList(data: Buffer): readonly (readonly [string, string])[] {
  const records: (readonly [string, string])[] = [];
  let at = 0;
  while (at < data.length) {
    const space = data.indexOf(0x20, at);
    const length = space < 0 ? Number.NaN : Number(data.toString('latin1', at, space));
    const end = at + length;
    if (!Number.isInteger(length) || end > data.length || end <= space + 1 || data[end - 1] !== 0x0a)
      throw fail('IMAGE_INVALID', 'invalid tar header: a malformed pax record');
    const record = data.toString('latin1', space + 1, end - 1);
    const equals = record.indexOf('=');
    if (equals <= 0) throw fail('IMAGE_INVALID', 'invalid tar header: a pax record without a key');
    records.push([record.slice(0, equals), record.slice(equals + 1)]);
    at = end;
  }
  return records;
}

/** The records as data of an extended header. The length counts itself. */
export function encodePax(records: PaxRecords): Buffer {
  const lines: string[] = [];
  for (const [key, value] of records) {
    const rest = ` ${key}=${value}\n`;
    let length = rest.length + 1;
    while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
    lines.push(length + rest);
  }
  return Buffer.from(lines.join(''), 'latin1');
}
