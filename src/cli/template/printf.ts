/** Go's fmt.Sprintf for the verbs that templates use: v s q d x X o b c t f e g, with flags, width, precision. */
import { isList, isMap, isStruct, show, typeName, type Value } from './values.ts';

interface Verb {
  readonly flags: string;
  readonly width: number | undefined;
  readonly precision: number | undefined;
  readonly verb: string;
}

/** Format the arguments. Mistakes are shown in the text, as Go shows them (`%!d(string=x)`). */
export function sprintf(format: string, args: readonly Value[]): string {
  let used = 0;
  const take = (): Value => args[used++];
  const star = (text: string | undefined): number | undefined =>
    text === undefined || text === '' ? undefined : text === '*' ? Number(take()) : Number(text);
  const text = format.replace(
    /%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d*))?(.?)/gsu,
    (
      whole: string,
      flags: string,
      width: string | undefined,
      precision: string | undefined,
      verb: string,
    ) => {
      if (verb === '%') return '%';
      if (verb === '') return '%!(NOVERB)';
      const sizes = {
        width: star(width),
        precision: whole.includes('.') && precision === '' ? 0 : star(precision),
      };
      if (used >= args.length) return `%!${verb}(MISSING)`;
      return formatOne(take(), { flags, verb, ...sizes });
    },
  );
  if (used >= args.length) return text;
  const extra = args.slice(used).map((value) => `${typeName(value)}=${show(value)}`);
  return `${text}%!(EXTRA ${extra.join(', ')})`;
}

function formatOne(value: Value, verb: Verb): string {
  const isNumber = typeof value === 'number' || typeof value === 'bigint';
  const compound = isList(value) || isMap(value) || isStruct(value);
  const text = isNumber
    ? numberText(value, verb)
    : compound && verb.verb !== 'v' && verb.verb !== 's'
      ? bad(value, verb)
      : compound
        ? show(value)
        : plainText(value, verb);
  return pad(text, verb, isNumber);
}

function plainText(value: Value, { verb, precision, flags }: Verb): string {
  if (typeof value === 'boolean') return verb === 't' || verb === 'v' ? String(value) : bad(value, { verb });
  if (typeof value !== 'string') return verb === 'v' ? show(value) : `%!${verb}(<nil>)`;
  const text = precision === undefined ? value : [...value].slice(0, precision).join('');
  switch (verb) {
    case 'v':
      return flags.includes('#') ? JSON.stringify(text) : text;
    case 's':
      return text;
    case 'q':
      return JSON.stringify(text);
    case 'x':
      return Buffer.from(text).toString('hex');
    case 'X':
      return Buffer.from(text).toString('hex').toUpperCase();
    default:
      return bad(value, { verb });
  }
}

const bad = (value: Value, { verb }: { verb: string }): string =>
  `%!${verb}(${typeName(value)}=${show(value)})`;

function numberText(value: number | bigint, verb: Verb): string {
  const negative = value < 0;
  const sign = negative ? '-' : verb.flags.includes('+') ? '+' : verb.flags.includes(' ') ? ' ' : '';
  const size = typeof value === 'bigint' ? (negative ? -value : value) : Math.abs(value);
  const digits = digitsOf(size, verb);
  return digits === undefined ? bad(value, verb) : sign + digits;
}

function digitsOf(size: number | bigint, { verb, precision, flags }: Verb): string | undefined {
  const integer = typeof size === 'bigint' || Number.isInteger(size);
  switch (verb) {
    case 'v':
      return String(size);
    case 'd':
      return integer ? String(size) : undefined;
    case 'x':
    case 'X': {
      const hex = integer ? `${flags.includes('#') ? '0x' : ''}${size.toString(16)}` : undefined;
      return verb === 'X' ? hex?.toUpperCase() : hex;
    }
    case 'o':
      return integer ? size.toString(8) : undefined;
    case 'b':
      return integer ? size.toString(2) : undefined;
    case 'c':
      return String.fromCodePoint(Number(size));
    case 'q':
      return `'${String.fromCodePoint(Number(size))}'`;
    case 'f':
    case 'F':
      return Number(size).toFixed(precision ?? 6);
    case 'e':
      return Number(size)
        .toExponential(precision ?? 6)
        .replace(/e([+-])(\d)$/, 'e$10$2');
    case 'g':
      return precision === undefined
        ? String(Number(size))
        : String(Number(Number(size).toPrecision(precision || 1)));
    default:
      return undefined;
  }
}

function pad(text: string, { flags, width }: Verb, isNumber: boolean): string {
  const missing = (width ?? 0) - [...text].length;
  if (missing <= 0) return text;
  if (flags.includes('-')) return text + ' '.repeat(missing);
  if (!flags.includes('0') || !isNumber) return ' '.repeat(missing) + text;
  const sign = /^[+\- ]/.test(text) ? text.slice(0, 1) : '';
  return sign + '0'.repeat(missing) + text.slice(sign.length);
}
