import type { ContainerSummary, DiskUsage, ImageSummary, VolumeSummary } from '#client/answers.ts';
import { humanSize } from '../../../go/size.ts';
import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import { formatFlag, switchFlag } from '../../flags/flag.ts';
import { type Listing, renderList } from '../../table/listing.ts';
import { imageListing, rowsOfImage } from '../images.ts';
import { containerListing, type ListOptions, volumeListing } from '../listings.ts';

/** One line of the overview. */
interface Usage {
  readonly type: string;
  readonly total: number;
  readonly active: number;
  readonly size: number;
  readonly reclaimable: number;
  /** Whether the share that can be reclaimed is shown. */
  readonly share: boolean;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

function imageUsage(usage: DiskUsage): Usage {
  const images = usage.Images ?? [];
  const used = images.filter(({ Containers }) => Containers > 0);
  const inUse = sum(
    used.map(({ Size, SharedSize }) => (Size === -1 || SharedSize === -1 ? 0 : Size - SharedSize)),
  );
  return {
    type: 'Images',
    total: images.length,
    active: used.length,
    size: usage.LayersSize,
    reclaimable: usage.LayersSize - inUse,
    share: true,
  };
}

const isActive = ({ State }: ContainerSummary): boolean => /running|paused|restarting/.test(State);

function containerUsage(containers: readonly ContainerSummary[]): Usage {
  const size = sum(containers.map(({ SizeRw = 0 }) => SizeRw));
  const active = containers.filter(isActive);
  const reclaimable = size - sum(active.map(({ SizeRw = 0 }) => SizeRw));
  return {
    type: 'Containers',
    total: containers.length,
    active: active.length,
    size,
    reclaimable,
    share: size > 0,
  };
}

function volumeUsage(volumes: readonly VolumeSummary[]): Usage {
  const sized = volumes.filter(({ UsageData }) => (UsageData?.Size ?? -1) !== -1);
  const size = sum(sized.map(({ UsageData }) => UsageData?.Size ?? 0));
  const reclaimable = sum(
    sized.filter(({ UsageData }) => UsageData?.RefCount === 0).map(({ UsageData }) => UsageData?.Size ?? 0),
  );
  const active = volumes.filter(({ UsageData }) => (UsageData?.RefCount ?? 0) > 0).length;
  return { type: 'Local Volumes', total: volumes.length, active, size, reclaimable, share: size > 0 };
}

const noCache: Usage = { type: 'Build Cache', total: 0, active: 0, size: 0, reclaimable: 0, share: false };

const overview: Listing<Usage> = {
  columns: {
    Type: { header: 'TYPE', value: ({ type }) => type },
    TotalCount: { header: 'TOTAL', value: ({ total }) => String(total) },
    Active: { header: 'ACTIVE', value: ({ active }) => String(active) },
    Size: { header: 'SIZE', value: ({ size }) => humanSize(size) },
    Reclaimable: {
      header: 'RECLAIMABLE',
      value: ({ reclaimable, size, share }) =>
        humanSize(reclaimable) + (share && size > 0 ? ` (${Math.floor((reclaimable * 100) / size)}%)` : ''),
    },
  },
  table: 'table {{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}',
  type: '*formatter.diskUsageContext',
};

function verboseText(usage: DiskUsage, options: ListOptions): string {
  const images: readonly ImageSummary[] = usage.Images ?? [];
  const rows = images.flatMap((image) => rowsOfImage(image, { digests: false }).slice(0, 1));
  // only written bytes count here, not those of the image
  const written = (usage.Containers ?? []).map((container) => ({ ...container, SizeRootFs: 0 }));
  const table =
    'table {{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}\t{{.SharedSize}}\t{{.UniqueSize}}\t{{.Containers}}';
  const containers =
    'table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.LocalVolumes}}\t{{.Size}}\t{{.RunningFor}}\t{{.Status}}\t{{.Names}}';
  const parts: readonly (readonly [string, string])[] = [
    ['Images space usage:', renderList(imageListing(options, false), rows, { format: table })],
    ['Containers space usage:', renderList(containerListing(options, true), written, { format: containers })],
    [
      'Local Volumes space usage:',
      renderList(volumeListing, usage.Volumes ?? [], { format: 'table {{.Name}}\t{{.Links}}\t{{.Size}}' }),
    ],
  ];
  const cache =
    'Build cache usage: 0B\n\nCACHE ID   CACHE TYPE   SIZE      CREATED   LAST USED   USAGE     SHARED\n';
  return `${parts.map(([title, text]) => `${title}\n\n${text}`).join('\n')}\n${cache}`;
}

export const command = defineCommand({
  flags: {
    format: formatFlag('Format output: table, table TEMPLATE, json, TEMPLATE'),
    verbose: switchFlag('verbose', 'Show detailed information on space usage', { short: 'v' }),
  },
  async run({ flags, context }) {
    if (flags.verbose && flags.format !== '')
      throw new CliError('the verbose and the format options conflict');
    const engine = await context.engine();
    const usage = await engine.get<DiskUsage>('/system/df');
    if (flags.verbose)
      return void (await context.print(verboseText(usage, { truncate: true, now: Date.now() })));
    const rows = [
      imageUsage(usage),
      containerUsage(usage.Containers ?? []),
      volumeUsage(usage.Volumes ?? []),
      noCache,
    ];
    await context.print(renderList(overview, rows, { format: flags.format }));
  },
});
