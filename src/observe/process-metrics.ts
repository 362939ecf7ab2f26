/** What Prometheus' clients tell of every process, and how long the event loop keeps others waiting. */
import { readdir, readFile } from 'node:fs/promises';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { Family } from './metrics.ts';

const gauge = (name: string, help: string, value: number): Family => ({
  ...{ name, help, type: 'gauge' },
  samples: [{ value }],
});

/** A limit of proc_pid_limits(5). */
function limitOf(text: string, name: string): number {
  const [, soft = '0'] = new RegExp(`^${name} +(\\S+)`, 'm').exec(text) ?? [];
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft);
}

/** `VmSize:     1234 kB` of proc_pid_status(5), in bytes. */
const memoryOf = (text: string, name: string): number =>
  1024 * Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);

export async function processFamilies(): Promise<readonly Family[]> {
  const [limits, status, descriptors] = await Promise.all([
    readFile('/proc/self/limits', 'utf8'),
    readFile('/proc/self/status', 'utf8'),
    readdir('/proc/self/fd'),
  ]);
  const { user, system } = process.cpuUsage();
  const cpu: Family = {
    ...{ name: 'process_cpu_seconds_total', help: 'Total user and system CPU time spent in seconds.' },
    ...{ type: 'counter', samples: [{ value: (user + system) / 1e6 }] },
  };
  const maxFds = limitOf(limits, 'Max open files');
  return [
    cpu,
    gauge('process_max_fds', 'Maximum number of open file descriptors.', maxFds),
    gauge('process_open_fds', 'Number of open file descriptors.', descriptors.length),
    gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', memoryOf(status, 'VmRSS')),
    gauge('process_virtual_memory_bytes', 'Virtual memory size in bytes.', memoryOf(status, 'VmSize')),
    gauge(
      'process_start_time_seconds',
      'Start time of the process since unix epoch in seconds.',
      performance.timeOrigin / 1000,
    ),
  ];
}

/** Milliseconds between two looks of the meter. */
const resolution = 20;

export interface LoopMeter {
  family(): Family;
  close(): void;
}

/** Measures how late the event loop is, by a timer of libuv; only for as long as somebody reads metrics. */
export function meterLoop(): LoopMeter {
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  // the timer's own period is part of what is measured
  const seconds = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - resolution / 1e3);
  return {
    family() {
      const samples = [0.5, 0.9, 0.99, 1].map((quantile) => ({
        labels: { quantile: String(quantile) },
        value: seconds(quantile === 1 ? delay.max : delay.percentile(quantile * 100)),
      }));
      const { count } = delay;
      const sum = count === 0 ? 0 : seconds(delay.mean) * count;
      return {
        name: 'seaway_event_loop_delay_seconds',
        help: 'How late the event loop of the engine is, since the engine started.',
        type: 'summary',
        samples: [...samples, { suffix: '_sum', value: sum }, { suffix: '_count', value: count }],
      };
    },
    close: () => void delay.disable(),
  };
}
