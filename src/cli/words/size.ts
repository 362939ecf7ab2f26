/** Sizes in words (docker/go-units). The way back is `parseSize` of `src/config/checks.ts`. */

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
