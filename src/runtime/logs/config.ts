/** `--log-driver` and `--log-opt`, checked. Pure. */
import { fail } from '../../errors.ts';
import type { HostConfig } from '../../model/container.ts';

export interface LogConfig {
  /** false for the driver `none`. */
  readonly kept: boolean;
  /** Bytes that a file may have before it is rotated; 0 for no limit. */
  readonly maxSize: number;
  /** Files that are kept, the current one among them; at least 1. */
  readonly maxFile: number;
}

const drivers = ['json-file', 'local', 'none'];

/** Those that send logs elsewhere. */
const driversOfDocker = ['awslogs', 'etwlogs', 'fluentd', 'gcplogs', 'gelf', 'journald', 'splunk', 'syslog'];

/** Options of Docker's json-file and local drivers that change nothing here (labels go to files that only `docker logs` reads). */
const harmless = ['labels', 'labels-regex', 'env', 'env-regex', 'compress', 'tag', 'mode', 'max-buffer-size'];

const units: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
};

/** `10m`, `1.5g`, `4096` (github.com/docker/go-units: RAMInBytes). */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?) ?([bkmgt]?)(?:i?b)?$/i.exec(text);
  const unit = units[(match?.[2] ?? '').toLowerCase()];
  if (!match || unit === undefined) throw fail('CONTAINER_CONFIG_INVALID', `invalid size: '${text}'`);
  return Math.floor(Number(match[1]) * unit);
}

function parseFileCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count)) {
    throw fail('CONTAINER_CONFIG_INVALID', `strconv.Atoi: parsing "${text}": invalid syntax`);
  }
  if (count < 1) throw fail('CONTAINER_CONFIG_INVALID', 'max-file cannot be less than 1');
  return count;
}

/** How lines are delivered; conmon writes them itself, so that both modes are one here. */
function checkMode({ mode = '', 'max-buffer-size': buffer }: HostConfig['LogConfig']['Config']): void {
  if (!['', 'blocking', 'non-blocking'].includes(mode)) {
    throw fail('CONTAINER_CONFIG_INVALID', `logger: logging mode not supported: ${mode}`);
  }
  if (buffer !== undefined && mode !== 'non-blocking') {
    const why = `logger: max-buffer-size option is only supported with 'mode=non-blocking'`;
    throw fail('CONTAINER_CONFIG_INVALID', why);
  }
}

/**
 * @throws CONTAINER_CONFIG_INVALID for drivers and options that are not known, in Docker's words. To be
 * asked when a container is created, so that it fails there.
 */
export function parseLogConfig(config: HostConfig['LogConfig']): LogConfig {
  const driver = config.Type === '' ? 'json-file' : config.Type;
  if (!drivers.includes(driver)) {
    if (driversOfDocker.includes(driver)) throw fail('NOT_SUPPORTED', `the log driver "${driver}"`);
    const why = `error looking up logging plugin ${driver}: plugin "${driver}" not found`;
    throw fail('CONTAINER_CONFIG_INVALID', why);
  }
  for (const name of Object.keys(config.Config)) {
    if (driver !== 'none' && name !== 'max-size' && name !== 'max-file' && !harmless.includes(name)) {
      throw fail('CONTAINER_CONFIG_INVALID', `unknown log opt '${name}' for ${driver} log driver`);
    }
  }
  if (driver !== 'none') checkMode(config.Config);
  // The local driver keeps five files of 20 MB unless asked (Docker docs, "Local file logging driver").
  const defaults = driver === 'local' ? { size: '20m', files: '5' } : { size: '-1', files: '1' };
  const size = config.Config['max-size'] ?? defaults.size;
  const maxSize = size === '-1' ? 0 : parseSize(size);
  const maxFile = parseFileCount(config.Config['max-file'] ?? defaults.files);
  return { kept: driver !== 'none', maxSize, maxFile };
}
