/** The columns of the lists, as Docker's client names and fills them. */

import type {
  ContainerSummary,
  ImageHistoryItem,
  NetworkSummary,
  PluginSummary,
  VolumeSummary,
} from '#client/answers.ts';
import type { ClusterNode } from '#client/seaway-answers.ts';
import { humanDuration } from '../../go/duration.ts';
import { humanSize } from '../../go/size.ts';
import type { Columns, Listing } from '../table/listing.ts';
import { shownPorts } from '../words/ports.ts';
import { ellipsis, shortId, shownLabels } from '../words/text.ts';
import { goTime, localRfc3339, localTime } from '../words/time.ts';

/** Options of a list. */
export interface ListOptions {
  readonly truncate: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export const ago = (seconds: number, now: number): string => `${humanDuration(now - seconds * 1000)} ago`;

const labelOf = (labels: Readonly<Record<string, string>> | null) => (name: unknown) =>
  labels?.[String(name)] ?? '';

/** A column that only templates reach, with an argument: `{{.Label "x"}}`. */
const labelColumn = <T extends { readonly Labels: Readonly<Record<string, string>> | null }>() => ({
  header: '@label',
  value: ({ Labels }: T) => labelOf(Labels),
});

/** Names without the leading slash; those of legacy links only if not truncated. */
function shownNames(names: readonly string[], truncate: boolean): string {
  const plain = names.map((name) => name.replace(/^\//, ''));
  return (truncate ? plain.filter((name) => !name.includes('/')) : plain).join(',');
}

/** The image; without a name the start of its id. */
function shownImage({ Image, ImageID }: ContainerSummary, truncate: boolean): string {
  if (Image === '') return '<no image>';
  return truncate && (Image === ImageID || Image === ImageID.replace(/^sha256:/, ''))
    ? shortId(ImageID)
    : Image;
}

function shownMounts(container: ContainerSummary, truncate: boolean): string {
  const names = container.Mounts.map(({ Name, Source }) =>
    Name === undefined || Name === '' ? Source : Name,
  );
  return names.map((name) => (truncate ? ellipsis(name, 15) : name)).join(',');
}

export function containerColumns({ truncate, now }: ListOptions): Columns<ContainerSummary> {
  return {
    ID: { header: 'CONTAINER ID', value: ({ Id }) => (truncate ? shortId(Id) : Id) },
    Names: { header: 'NAMES', value: ({ Names }) => shownNames(Names, truncate) },
    Image: { header: 'IMAGE', value: (each) => shownImage(each, truncate) },
    Command: {
      header: 'COMMAND',
      value: ({ Command }) => JSON.stringify(truncate ? ellipsis(Command, 20) : Command),
    },
    CreatedAt: { header: 'CREATED AT', value: ({ Created }) => localTime(Created) },
    RunningFor: { header: 'CREATED', value: ({ Created }) => ago(Created, now) },
    Ports: { header: 'PORTS', value: ({ Ports }) => shownPorts(Ports) },
    State: { header: 'STATE', value: ({ State }) => State },
    Status: { header: 'STATUS', value: ({ Status }) => Status },
    Size: { header: 'SIZE', value: shownContainerSize },
    Labels: { header: 'LABELS', value: ({ Labels }) => shownLabels(Labels) },
    Label: labelColumn(),
    Mounts: { header: 'MOUNTS', value: (each) => shownMounts(each, truncate) },
    LocalVolumes: {
      header: 'LOCAL VOLUMES',
      value: ({ Mounts }) => String(Mounts.filter(({ Driver }) => Driver === 'local').length),
    },
    Networks: {
      header: 'NETWORKS',
      value: ({ NetworkSettings }) => Object.keys(NetworkSettings?.Networks ?? {}).join(','),
    },
    Platform: { header: 'PLATFORM', value: () => null },
  };
}

function shownContainerSize({ SizeRw = 0, SizeRootFs = 0 }: ContainerSummary): string {
  const written = humanSize(SizeRw, 3);
  return SizeRootFs > 0 ? `${written} (virtual ${humanSize(SizeRootFs, 3)})` : written;
}

export const containerTable =
  'table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}';

export function containerListing(options: ListOptions, withSize: boolean): Listing<ContainerSummary> {
  const columns = containerColumns(options);
  return {
    columns,
    table: containerTable + (withSize ? '\t{{.Size}}' : ''),
    type: '*formatter.ContainerContext',
  };
}

export function networkListing({ truncate }: ListOptions): Listing<NetworkSummary> {
  return {
    columns: {
      ID: { header: 'NETWORK ID', value: ({ Id }) => (truncate ? shortId(Id) : Id) },
      Name: { header: 'NAME', value: ({ Name }) => Name },
      Driver: { header: 'DRIVER', value: ({ Driver }) => Driver },
      Scope: { header: 'SCOPE', value: ({ Scope }) => Scope },
      IPv4: { header: 'IPV4', value: ({ EnableIPv4 }) => String(EnableIPv4 ?? false) },
      IPv6: { header: 'IPV6', value: ({ EnableIPv6 }) => String(EnableIPv6) },
      Internal: { header: 'INTERNAL', value: ({ Internal }) => String(Internal) },
      Labels: { header: 'LABELS', value: ({ Labels }) => shownLabels(Labels) },
      Label: labelColumn(),
      CreatedAt: { header: 'CREATED AT', value: ({ Created }) => goTime(Created) },
    },
    table: 'table {{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}',
    type: '*network.networkContext',
  };
}

const absent = { header: '', value: () => 'N/A' };

export const volumeListing: Listing<VolumeSummary> = {
  columns: {
    Name: { header: 'VOLUME NAME', value: ({ Name }) => Name },
    Driver: { header: 'DRIVER', value: ({ Driver }) => Driver },
    Scope: { header: 'SCOPE', value: ({ Scope }) => Scope },
    Mountpoint: { header: 'MOUNTPOINT', value: ({ Mountpoint }) => Mountpoint },
    Labels: { header: 'LABELS', value: ({ Labels }) => shownLabels(Labels) },
    Label: labelColumn(),
    Links: {
      header: 'LINKS',
      value: ({ UsageData }) => (UsageData === undefined ? 'N/A' : String(UsageData.RefCount)),
    },
    Size: {
      header: 'SIZE',
      value: ({ UsageData }) => (UsageData === undefined ? 'N/A' : humanSize(UsageData.Size)),
    },
    // Of cluster volumes, which need a swarm.
    Availability: { ...absent, header: 'AVAILABILITY' },
    Group: { ...absent, header: 'GROUP' },
    Status: { ...absent, header: 'STATUS' },
  },
  table: 'table {{.Driver}}\t{{.Name}}',
  quiet: '{{.Name}}',
  type: '*formatter.volumeContext',
};

export function pluginListing({ truncate }: Pick<ListOptions, 'truncate'>): Listing<PluginSummary> {
  const describe = ({ Config }: PluginSummary): string => {
    const line = Config.Description.replaceAll(/[\r\n]/g, '');
    return truncate ? ellipsis(line, 45) : line;
  };
  return {
    columns: {
      ID: { header: 'ID', value: ({ Id }) => (truncate ? shortId(Id) : Id) },
      Name: { header: 'NAME', value: ({ Name }) => Name },
      Description: { header: 'DESCRIPTION', value: describe },
      Enabled: { header: 'ENABLED', value: ({ Enabled }) => Enabled },
      PluginReference: { header: 'IMAGE', value: ({ PluginReference }) => PluginReference },
    },
    table: 'table {{.ID}}\t{{.Name}}\t{{.Description}}\t{{.Enabled}}',
    quiet: '{{.ID}}',
    type: '*plugin.pluginContext',
  };
}

/** STATUS: `here`, `ready` or `lost`. */
export function nodeListing({ truncate }: Pick<ListOptions, 'truncate'>): Listing<ClusterNode> {
  return {
    columns: {
      ID: { header: 'ID', value: ({ ID }) => (truncate ? shortId(ID) : ID) },
      Name: { header: 'NAME', value: ({ Name }) => Name },
      Status: { header: 'STATUS', value: ({ Status }) => Status },
      Advertise: { header: 'ADVERTISE', value: ({ Advertise }) => Advertise },
      Endpoints: { header: 'ENDPOINTS', value: ({ Endpoints }) => Endpoints },
    },
    table: 'table {{.ID}}\t{{.Name}}\t{{.Status}}\t{{.Advertise}}\t{{.Endpoints}}',
    quiet: '{{.ID}}',
    type: '*cluster.nodeContext',
  };
}

export interface HistoryOptions extends ListOptions {
  readonly human: boolean;
}

export function historyListing({ truncate, now, human }: HistoryOptions): Listing<ImageHistoryItem> {
  const command = (text: string): string => {
    const line = text.replaceAll('\t', ' ');
    return truncate ? ellipsis(line, 45) : line;
  };
  return {
    columns: {
      ID: { header: 'IMAGE', value: ({ Id }) => (truncate && Id !== '<missing>' ? shortId(Id) : Id) },
      CreatedSince: {
        header: human ? 'CREATED' : 'CREATED AT',
        value: ({ Created }) => (human ? (Created <= 0 ? 'N/A' : ago(Created, now)) : localRfc3339(Created)),
      },
      CreatedAt: { header: 'CREATED AT', value: ({ Created }) => localRfc3339(Created) },
      CreatedBy: { header: 'CREATED BY', value: ({ CreatedBy }) => command(CreatedBy) },
      Size: { header: 'SIZE', value: ({ Size }) => (human ? humanSize(Size, 3) : String(Size)) },
      Comment: { header: 'COMMENT', value: ({ Comment }) => Comment },
    },
    table: human
      ? 'table {{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}'
      : 'table {{.ID}}\t{{.CreatedAt}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}',
    type: '*image.historyContext',
  };
}
