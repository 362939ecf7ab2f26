/** Rates in the units of tc(8). */

const units: Readonly<Record<string, number>> = Object.fromEntries(
  ['', 'k', 'm', 'g', 't'].flatMap((prefix, power) => [
    [`${prefix}bit`, 1000 ** power],
    [`${prefix}bps`, 8 * 1000 ** power],
    ...(prefix === ''
      ? []
      : [
          [`${prefix}ibit`, 1024 ** power],
          [`${prefix}ibps`, 8 * 1024 ** power],
        ]),
  ]),
);

/** Bits per second. The kernel counts bytes, and its queue has 32 bits. */
const [least, most] = [8_000, 200_000_000_000];

/** `10mbit`, `1.5gbit`, `500kbps` (bytes), or a number of bits, in bits per second. Undefined for another text. */
export function readRate(text: string): number | undefined {
  const [, number = '', unit = ''] =
    /^(\d{1,15}(?:\.\d{1,9})?)([a-z]*)$/.exec(text.trim().toLowerCase()) ?? [];
  const factor = unit === '' ? 1 : Object.hasOwn(units, unit) ? (units[unit] ?? 0) : 0;
  const rate = Math.round(Number(number) * factor);
  return number !== '' && rate >= least && rate <= most ? rate : undefined;
}

/** What `readRate` takes, for messages. */
export const rateForms = '10mbit, 1.5gbit, 500kbps; from 8kbit to 200gbit';

/** The shortest text of a rate. */
export function rateText(rate: number): string {
  const [unit, factor] = Object.entries(units)
    .filter(([name, value]) => /^[kmg]?bit$/.test(name) && rate >= value && (rate * 1000) % value === 0)
    .reduce((best, one) => (one[1] > best[1] ? one : best), ['bit', 1]);
  return `${rate / factor}${unit}`;
}
