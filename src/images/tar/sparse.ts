/**
 * Files with holes in tar: old GNU (type S), and the pax formats 0.0, 0.1 and 1.0.
 * https://www.gnu.org/software/tar/manual/html_section/Sparse-Formats.html
 */
import { fail } from '../../errors.ts';
import { cutOff, type Input } from './bytes.ts';
import type { SparseMap } from './entry.ts';
import { blockSize, numberField, paddingOf } from './header.ts';

type Region = SparseMap['regions'][number];

const invalid = (): Error => fail('IMAGE_INVALID', 'invalid tar header: a malformed sparse map');

/** Regions must be in order and within the file. */
function checked(realSize: number, regions: readonly Region[], dataSize: number): SparseMap {
  let end = 0;
  let total = 0;
  for (const region of regions) {
    if (region.offset < end || region.length < 0) throw invalid();
    end = region.offset + region.length;
    total += region.length;
  }
  if (!Number.isSafeInteger(realSize) || end > realSize || total !== dataSize) throw invalid();
  return { realSize, regions };
}

const isWhole = (text: string | undefined): text is string =>
  text !== undefined && /^[0-9]{1,15}$/.test(text);

function pairs(numbers: readonly string[]): Region[] {
  if (numbers.length % 2 !== 0 || !numbers.every(isWhole)) throw invalid();
  const regions: Region[] = [];
  for (let at = 0; at < numbers.length; at += 2)
    regions.push({ offset: Number(numbers[at]), length: Number(numbers[at + 1]) });
  return regions;
}

function gnuRegions(block: Buffer, start: number, count: number): Region[] {
  const regions: Region[] = [];
  for (let at = start; at < start + count * 24 && (block[at] ?? 0) !== 0; at += 24)
    regions.push({ offset: numberField(block, at, 12), length: numberField(block, at + 12, 12) });
  return regions;
}

/** Old GNU: four regions in the header (at 386), 21 in each extension block. */
export async function readGnuSparse(
  header: Buffer,
  dataSize: number,
  { source, raw }: Input,
): Promise<SparseMap> {
  const regions = gnuRegions(header, 386, 4);
  let more = header[482] !== 0;
  while (more) {
    const block = await source.exactly(blockSize);
    if (!block) throw cutOff();
    await raw(block);
    regions.push(...gnuRegions(block, 0, 21));
    more = block[504] !== 0;
  }
  return checked(numberField(header, 483, 12), regions, dataSize);
}

/** What pax records say of holes: the name that counts and, for 0.0 and 0.1, the map. */
export function paxSparse(
  list: readonly (readonly [string, string])[],
  dataSize: number,
): { readonly name?: string; readonly map?: SparseMap; readonly mapInData?: number } {
  const records = new Map(list);
  const name = records.get('GNU.sparse.name');
  const realSize = records.get('GNU.sparse.realsize') ?? records.get('GNU.sparse.size');
  if (realSize === undefined) return {};
  if (!isWhole(realSize)) throw invalid();
  const named = name === undefined ? {} : { name };
  if (records.get('GNU.sparse.major') === '1') return { ...named, mapInData: Number(realSize) };
  const numbers =
    records.get('GNU.sparse.map')?.split(',').filter(Boolean) ??
    list.filter(([key]) => key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes').map(([, v]) => v);
  return { ...named, map: checked(Number(realSize), pairs(numbers), dataSize) };
}

/** Pax 1.0: the map is text at the start of the data, in whole blocks: count, then offset and length lines. */
export async function readSparseMap(
  { realSize, size }: { readonly realSize: number; readonly size: number },
  { source, raw }: Input,
): Promise<{ readonly map: SparseMap; readonly dataSize: number }> {
  let text = '';
  let used = 0;
  for (;;) {
    const lines = text.split('\n');
    const count = lines.length > 1 ? Number(lines[0]) : Number.NaN;
    if (lines.length > 1 && !isWhole(lines[0])) throw invalid();
    if (lines.length > 2 * count + 1) {
      const regions = pairs(lines.slice(1, 2 * count + 1));
      return { map: checked(realSize, regions, size - used), dataSize: size - used };
    }
    if (used + blockSize > size || used > 1 << 22) throw invalid();
    const block = await source.exactly(blockSize);
    if (!block) throw cutOff();
    await raw(block);
    text += block.toString('latin1');
    used += blockSize;
  }
}

/** The map as pax 1.0 writes it, padded to whole blocks. */
export function encodeSparseMap(map: SparseMap): Buffer {
  const lines = [map.regions.length, ...map.regions.flatMap((r) => [r.offset, r.length])];
  const text = Buffer.from(`${lines.join('\n')}\n`, 'latin1');
  return Buffer.concat([text, Buffer.alloc(paddingOf(text.length))]);
}
