/**
 * Where everything is drawn. The same groups and width give the same drawing, and what is there does not move when
 * something comes behind it.
 */
import type { Group, Member } from './members.ts';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Tile extends Box {
  readonly member: Member;
}

/** A network: its tiles hang on rows of a bus. */
export interface Card extends Box {
  readonly group: Group;
  readonly tiles: readonly Tile[];
  /** Where rows are joined; '' without tiles. */
  readonly trunk: string;
  /** From the host; '' for a network without a way out. */
  readonly uplink: string;
}

/** The same container on two networks. */
export interface Tie {
  readonly key: string;
  readonly containerId: string;
  readonly path: string;
}

export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly isDense: boolean;
  readonly host: Box;
  readonly cards: readonly Card[];
  readonly ties: readonly Tie[];
}

interface Sizes {
  readonly tileWidth: number;
  readonly widestTile: number;
  readonly tileHeight: number;
  readonly gap: number;
  /** Between rows, for the bus and the link to each tile. */
  readonly rowGap: number;
}

const roomy: Sizes = { tileWidth: 160, widestTile: 320, tileHeight: 48, gap: 10, rowGap: 20 };
const dense: Sizes = { tileWidth: 118, widestTile: 160, tileHeight: 27, gap: 7, rowGap: 12 };
/** Places on networks from which on tiles are small. */
const many = 60;

const edge = 16;
const hostHeight = 62;
const hostGap = 12;
/** Below it the other hosts are under this one. */
const narrow = 560;
/** Under the drawing, for the buttons over it. */
const bottom = 64;
const header = 54;
/** Inside of a card: left of the tiles, where the trunk is, and around them. */
const trunkRoom = 24;
const padding = 12;
/** Between cards, where lines from the host pass. */
const gutter = 28;
/** Left of all cards: the line down from the host. */
const busRoom = 14;

/** `hosts`: how many others there are. */
export function layout(groups: readonly Group[], width: number, hosts = 0): Drawing {
  const count = groups.reduce((sum, { members }) => sum + members.length, 0);
  const sizes = count > many ? dense : roomy;
  const inner = Math.max(width, 300) - 2 * edge - busRoom;
  const least = sizes.tileWidth + trunkRoom + padding;
  const columns = Math.max(1, Math.floor((inner + gutter) / (least + gutter)));
  const grid: Grid = { columns, pitch: (inner + gutter) / columns, sizes };
  const cards: Card[] = [];
  const hostRows = hosts > 0 && inner < narrow ? 2 : 1;
  const height = hostRows * (hostHeight + hostGap) - hostGap;
  let y = edge + height + gutter;
  for (const row of rowsOf(groups, grid)) {
    let column = 0;
    for (const { group, span } of row) {
      cards.push(
        placeCard({ group, span }, { grid, x: edge + busRoom + column * grid.pitch, y, top: edge + height }),
      );
      column += span;
    }
    y += Math.max(...cards.slice(-row.length).map(({ height }) => height)) + gutter;
  }
  return {
    width: inner + busRoom + 2 * edge,
    height: y - gutter + bottom,
    isDense: sizes === dense,
    host: { x: edge, y: edge, width: inner + busRoom, height },
    cards,
    ties: tiesOf(cards),
  };
}

/** Columns of the drawing; a card spans some. */
interface Grid {
  readonly columns: number;
  readonly pitch: number;
  readonly sizes: Sizes;
}

interface Spanning {
  readonly group: Group;
  readonly span: number;
}

const roomOf = ({ pitch }: Grid, span: number): number => span * pitch - gutter - trunkRoom - padding;

/** Tiles beside each other in a card. */
const across = (grid: Grid, span: number): number =>
  Math.max(1, Math.floor((roomOf(grid, span) + grid.sizes.gap) / (grid.sizes.tileWidth + grid.sizes.gap)));

const rowCount = (grid: Grid, { group, span }: Spanning): number =>
  Math.ceil(group.members.length / across(grid, span));

/** Larger networks first, so that those of a row are of one height; a power of two makes the difference. */
function rowsOf(groups: readonly Group[], grid: Grid): readonly (readonly Spanning[])[] {
  const rank = ({ members }: Group): number => Math.ceil(Math.log2(members.length + 1));
  const rows: Spanning[][] = [];
  let free = 0;
  for (const group of groups.toSorted((a, b) => rank(b) - rank(a))) {
    const span = spanOf(group, grid);
    if (span > free) {
      rows.push([]);
      free = grid.columns;
    }
    rows.at(-1)?.push({ group, span });
    free -= span;
  }
  return rows.map((row) => filled(row, grid));
}

/** Wide enough that it is not higher than wide. */
function spanOf({ members }: Group, grid: Grid): number {
  const { tileWidth, tileHeight, gap, rowGap } = grid.sizes;
  const ratio = (1.7 * (tileHeight + rowGap)) / (tileWidth + gap);
  const wanted = Math.min(members.length, Math.ceil(Math.sqrt(ratio * members.length)));
  let span = 1;
  while (span < grid.columns && across(grid, span) < wanted) span += 1;
  return span;
}

/** Columns that are left in a row go to its highest cards. */
function filled(row: readonly Spanning[], grid: Grid): readonly Spanning[] {
  const wider = [...row];
  let free = grid.columns - row.reduce((sum, { span }) => sum + span, 0);
  for (; free > 0; free -= 1) {
    const rows = wider.map((one) => rowCount(grid, one));
    const at = rows.indexOf(Math.max(...rows));
    const highest = wider[at];
    if (!highest || (rows[at] ?? 0) < 2) break;
    wider[at] = { ...highest, span: highest.span + 1 };
  }
  return wider;
}

function placeCard(
  { group, span }: Spanning,
  { grid, x, y, top }: { readonly grid: Grid; readonly x: number; readonly y: number; readonly top: number },
): Card {
  const { sizes } = grid;
  const count = group.members.length;
  const inRow = Math.min(across(grid, span), Math.max(count, 1));
  const rows = Math.ceil(count / inRow);
  const pitchOfRow = sizes.tileHeight + sizes.rowGap;
  const height = header + (rows === 0 ? 18 : rows * pitchOfRow + padding - 4);
  const place = { x, y, width: span * grid.pitch - gutter, height };
  const free = (roomOf(grid, span) - (inRow - 1) * sizes.gap) / inRow;
  const tileWidth = Math.floor(Math.min(free, sizes.widestTile));
  const tiles = group.members.map((member, index): Tile => {
    const [row, column] = [Math.floor(index / inRow), index % inRow];
    return {
      member,
      x: Math.round(x + trunkRoom + column * (tileWidth + sizes.gap)),
      y: Math.round(y + header - 8 + row * pitchOfRow + sizes.rowGap),
      ...{ width: tileWidth, height: sizes.tileHeight },
    };
  });
  return { ...place, group, tiles, trunk: trunkOf(place, tiles), uplink: uplinkOf({ x, y, top }, group) };
}

/** Height of the bus over its tiles. */
export const overTile = 9;

/** From the card's head down, with a branch over each row. */
function trunkOf({ x, y }: { x: number; y: number }, tiles: readonly Tile[]): string {
  const rows = new Map<number, Tile>();
  for (const tile of tiles) rows.set(tile.y, tile);
  const branches = Array.from(rows, ([top, { x: left, width }]) => {
    const over = top - overTile;
    return `M${x + padding} ${over}H${left + width / 2}`;
  });
  const [last] = [...rows.keys()].slice(-1);
  return last === undefined ? '' : `M${x + padding} ${y + header - 6}V${last - overTile}${branches.join('')}`;
}

/** Down from the host, and over the row: not to a network without a way out. */
function uplinkOf({ x, y, top }: { x: number; y: number; top: number }, { network }: Group): string {
  if (network.Internal || network.Driver === 'null') return '';
  const [bus, over, into] = [edge + busRoom / 2 - 2, y - gutter / 2, x + padding + 6];
  return `M${bus} ${top}V${over - 6}q0 6 6 6H${into - 6}q6 0 6 6V${y}`;
}

function tiesOf(cards: readonly Card[]): readonly Tie[] {
  const places = new Map<string, Tile[]>();
  for (const { tiles } of cards)
    for (const tile of tiles) {
      const { kind, id } = tile.member.choice;
      if (kind === 'container') places.set(id, [...(places.get(id) ?? []), tile]);
    }
  return [...places].flatMap(([containerId, tiles]) =>
    tiles.slice(1).flatMap((tile, index): readonly Tie[] => {
      const before = tiles[index];
      return before ? [{ key: `${containerId} ${index}`, containerId, path: curve(before, tile) }] : [];
    }),
  );
}

/** From the middle of one tile to that of another; beside the tiles where one is under the other. */
export function curve(from: Box, to: Box): string {
  const [x1, y1] = [from.x + from.width / 2, from.y + from.height / 2];
  const [x2, y2] = [to.x + to.width / 2, to.y + to.height / 2];
  const aside = Math.abs(x2 - x1) < from.width ? Math.max(from.width, to.width) * 0.75 : 0;
  const bend = Math.max(40, Math.abs(y2 - y1) / 3);
  return `M${x1} ${y1}C${x1 + aside} ${y1 + bend} ${x2 + aside} ${y2 - bend} ${x2} ${y2}`;
}
