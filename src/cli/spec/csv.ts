/** One line of comma-separated fields, quotes as RFC 4180: the form of --mount, --gpus and their like. */

/** Throws an `Error` for quotes that do not match. */
export function csvFields(line: string): string[] {
  const fields: string[] = [];
  let at = 0;
  while (at <= line.length) {
    if (line[at] === '"') {
      const match = /"((?:[^"]|"")*)"(,|$)/y;
      match.lastIndex = at;
      const found = match.exec(line);
      if (found === null)
        throw new Error('parse error on line 1, column 1: extraneous or missing " in quoted-field');
      fields.push((found[1] ?? '').replaceAll('""', '"'));
      at = match.lastIndex + (found[2] === '' ? 1 : 0);
      continue;
    }
    const comma = line.indexOf(',', at);
    const end = comma < 0 ? line.length : comma;
    const field = line.slice(at, end);
    if (field.includes('"')) throw new Error('parse error on line 1, column 1: bare " in non-quoted-field');
    fields.push(field);
    at = end + 1;
  }
  return fields;
}

/** `key=value` fields; a field without `=` has no value. Keys are lower case. */
export function csvPairs(line: string): [string, string | undefined, string][] {
  return csvFields(line).map((field) => {
    const at = field.indexOf('=');
    return at < 0
      ? [field.trim().toLowerCase(), undefined, field]
      : [field.slice(0, at).trim().toLowerCase(), field.slice(at + 1), field];
  });
}
