/** A row of `stats` from the API's counters. */

import { binarySize, humanSize } from '../../go/size.ts';
import type { Listing } from '../table/listing.ts';
import { shortId } from '../words/text.ts';

interface CpuCounters {
  readonly cpu_usage: { readonly total_usage: number; readonly percpu_usage?: readonly number[] | null };
  readonly system_cpu_usage?: number;
  readonly online_cpus?: number;
}

/** `GET /containers/{id}/stats`. */
export interface Sample {
  readonly name: string;
  readonly id: string;
  readonly cpu_stats: CpuCounters;
  readonly precpu_stats: CpuCounters;
  readonly memory_stats: {
    readonly usage?: number;
    readonly limit?: number;
    readonly stats?: Readonly<Record<string, number>>;
  };
  readonly networks?: Readonly<Record<string, { readonly rx_bytes: number; readonly tx_bytes: number }>>;
  readonly blkio_stats: {
    readonly io_service_bytes_recursive?: readonly { readonly op: string; readonly value: number }[] | null;
  };
  readonly pids_stats: { readonly current?: number };
}

/** A row; without a sample yet, or for a container that stopped, its figures are dashes. */
export interface StatsRow {
  /** As it was named on the command line, or the short id. */
  readonly container: string;
  readonly sample: Sample | undefined;
}

function cpuPercent({ cpu_stats: now, precpu_stats: before }: Sample): number {
  const used = now.cpu_usage.total_usage - before.cpu_usage.total_usage;
  const system = (now.system_cpu_usage ?? 0) - (before.system_cpu_usage ?? 0);
  const processors = now.online_cpus || (now.cpu_usage.percpu_usage?.length ?? 0);
  return used > 0 && system > 0 ? (used / system) * processors * 100 : 0;
}

/** Without the page cache that can be dropped: cgroups v1 and v2 name it differently. */
function memoryUsed({ memory_stats: { usage = 0, stats = {} } }: Sample): number {
  const cache = stats.total_inactive_file ?? stats.inactive_file ?? 0;
  return cache < usage ? usage - cache : usage;
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0);

function blockIo({ blkio_stats }: Sample, op: 'read' | 'write'): number {
  const entries = blkio_stats.io_service_bytes_recursive ?? [];
  return total(entries.filter((entry) => entry.op.toLowerCase() === op).map(({ value }) => value));
}

const percent = (value: number): string => `${value.toFixed(2)}%`;
const short = (bytes: number): string => humanSize(bytes, 3);

function networkIo({ networks = {} }: Sample): string {
  const links = Object.values(networks);
  return `${short(total(links.map(({ rx_bytes }) => rx_bytes)))} / ${short(total(links.map(({ tx_bytes }) => tx_bytes)))}`;
}

const orDashes =
  (show: (sample: Sample) => string, dashes = '--') =>
  ({ sample }: StatsRow) =>
    sample === undefined ? dashes : show(sample);

export function statsListing(truncate: boolean): Listing<StatsRow> {
  const id = ({ sample }: StatsRow): string =>
    sample === undefined ? '--' : truncate ? shortId(sample.id) : sample.id;
  return {
    columns: {
      Container: { header: 'CONTAINER', value: ({ container }) => container },
      ID: { header: 'CONTAINER ID', value: id },
      Name: { header: 'NAME', value: orDashes(({ name }) => name.replace(/^\//, '')) },
      CPUPerc: { header: 'CPU %', value: orDashes((sample) => percent(cpuPercent(sample))) },
      MemUsage: {
        header: 'MEM USAGE / LIMIT',
        value: orDashes(
          (sample) => `${binarySize(memoryUsed(sample))} / ${binarySize(sample.memory_stats.limit ?? 0)}`,
          '-- / --',
        ),
      },
      MemPerc: {
        header: 'MEM %',
        value: orDashes((sample) =>
          percent(sample.memory_stats.limit ? (memoryUsed(sample) / sample.memory_stats.limit) * 100 : 0),
        ),
      },
      NetIO: { header: 'NET I/O', value: orDashes(networkIo) },
      BlockIO: {
        header: 'BLOCK I/O',
        value: orDashes((sample) => `${short(blockIo(sample, 'read'))} / ${short(blockIo(sample, 'write'))}`),
      },
      PIDs: { header: 'PIDS', value: orDashes(({ pids_stats }) => String(pids_stats.current ?? 0)) },
    },
    table:
      'table {{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}',
    type: '*container.statsContext',
  };
}
