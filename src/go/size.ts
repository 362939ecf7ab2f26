/** Sizes as docker/go-units parses and prints them. Parsers throw a plain `Error`. */
import { numError } from './strconv.ts';

const prefixes = 'kmgtp';

/** Bytes of `64m`, `64MiB`, `1.5 GB`: powers of 1024 whatever the unit (RAMInBytes). */
export const parseSize = (text: string): number => parse(text, 1024);

/** Bytes of `10m`, `10MiB`: powers of 1000 whatever the unit (FromHumanSize). */
export const parseDecimalSize = (text: string): number => parse(text, 1000);

function parse(text: string, base: 1000 | 1024): number {
  const [, number, blank, suffix = ''] = /^(.*?)((?<=[\d.])| )([^\d. ]*)$/s.exec(text) ?? [];
  if (number === undefined || blank === undefined) throw new Error(`invalid size: '${text}'`);
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(number))
    throw numError('ParseFloat', number, 'invalid syntax');
  const size = Number(number);
  if (size < 0) throw new Error(`invalid size: '${text}'`);
  const unit = suffix.toLowerCase();
  if (unit === '' || unit === 'b') return Math.floor(size);
  if (!/^[kmgtp](?:i?b)?$/.test(unit))
    throw new Error(`invalid suffix: '${suffix.length > 3 ? suffix : unit}'`);
  return Math.floor(size * base ** (1 + prefixes.indexOf(unit.charAt(0))));
}

const decimal = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'];
const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB'];

/** Go's `%.*g`: that many significant digits, no trailing zeros. */
function significant(value: number, digits: number): string {
  if (value === 0) return '0';
  const exponent = Math.floor(Math.log10(Math.abs(Number(value.toExponential(digits - 1)))));
  if (exponent < -4 || exponent >= digits) {
    const [mantissa = '', power = ''] = value.toExponential(digits - 1).split('e');
    const sign = power.startsWith('-') ? '-' : '+';
    return `${trimZeros(mantissa)}e${sign}${power.replace(/^[+-]/, '').padStart(2, '0')}`;
  }
  return trimZeros(value.toFixed(Math.max(0, digits - 1 - exponent)));
}

const trimZeros = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);

function scaled(size: number, base: number, units: readonly string[], digits: number): string {
  let unit = 0;
  let value = size;
  while (value >= base && unit < units.length - 1) {
    value /= base;
    unit++;
  }
  return `${significant(value, digits)}${units[unit]}`;
}

/** `4.26MB`: powers of 1000, as many significant digits as asked (images have 3, disks 4). */
export function humanSize(bytes: number, digits = 4): string {
  return scaled(bytes, 1000, decimal, digits);
}

/** `1.952GiB`: powers of 1024. */
export function binarySize(bytes: number): string {
  return scaled(bytes, 1024, binary, 4);
}
