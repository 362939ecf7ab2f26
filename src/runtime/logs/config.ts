/** `--log-driver` and `--log-opt`, checked. Pure. */
import { fail, messageOf } from '../../errors.ts';
import { parseDecimalSize } from '../../go/size.ts';
import { parseBool, parseInteger } from '../../go/strconv.ts';
import type { HostConfig } from '../../model/container.ts';
import { attributesMember, attributesOf } from './attributes.ts';

export interface LogConfig {
  /** false for the driver `none`. */
  readonly kept: boolean;
  /** Bytes of a file before it is rotated; 0 for no limit. */
  readonly maxSize: number;
  /** Number of files including the current one; at least 1. */
  readonly maxFile: number;
  /** Of the driver json-file. */
  readonly json?: JsonFileConfig;
}

export interface JsonFileConfig {
  /** What each line has in addition to its text, as a member: `"attrs":{...},`, or ''. */
  readonly attributes: string;
  /** Files that are no longer written are gzip files. */
  readonly compress: boolean;
}

const drivers = ['json-file', 'local', 'none'];

/** Drivers that send logs elsewhere. */
const driversOfDocker = ['awslogs', 'etwlogs', 'fluentd', 'gcplogs', 'gelf', 'journald', 'splunk', 'syslog'];

/** Options that `attributes.ts` reads, or that have no effect here. */
const ofJsonFile = [
  'labels',
  'labels-regex',
  'env',
  'env-regex',
  'compress',
  'tag',
  'mode',
  'max-buffer-size',
];

/** Bytes; 0 for no limit, which is asked for by `-1`. */
function parseMaxSize(text: string, driver: string): number {
  if (text === '-1') return 0;
  try {
    const size = parseDecimalSize(text);
    if (size > 0) return size;
  } catch (error) {
    const where = driver === 'local' ? `invalid value for max-size: ${text}: ` : '';
    throw fail('CONTAINER_CONFIG_INVALID', `${where}${messageOf(error)}`);
  }
  if (driver === 'local') return 0;
  throw fail('CONTAINER_CONFIG_INVALID', 'max-size must be a positive number');
}

function parseFileCount(text: string): number {
  const count = readAs(text, parseInteger);
  if (count < 1) throw fail('CONTAINER_CONFIG_INVALID', 'max-file cannot be less than 1');
  return count;
}

/** The delivery mode. conmon writes the lines, so both modes are the same here. */
function checkMode({ mode = '', 'max-buffer-size': buffer }: HostConfig['LogConfig']['Config']): void {
  if (!['', 'blocking', 'non-blocking'].includes(mode)) {
    throw fail('CONTAINER_CONFIG_INVALID', `logger: logging mode not supported: ${mode}`);
  }
  if (buffer !== undefined && mode !== 'non-blocking') {
    const why = `logger: max-buffer-size option is only supported with 'mode=non-blocking'`;
    throw fail('CONTAINER_CONFIG_INVALID', why);
  }
}

/** Docker's local driver knows fewer. */
const ofLocal = ['compress', 'mode', 'max-buffer-size'];

function checkNames(driver: string, options: HostConfig['LogConfig']['Config']): void {
  const known = ['max-size', 'max-file', ...(driver === 'local' ? ofLocal : ofJsonFile)];
  const strange = Object.keys(options).find((name) => !known.includes(name));
  if (strange === undefined) return;
  const where = driver === 'local' ? 'log driver local' : `${driver} log driver`;
  throw fail('CONTAINER_CONFIG_INVALID', `unknown log opt '${strange}' for ${where}`);
}

/** In Go's words. */
function readAs<T>(text: string, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (error) {
    throw fail('CONTAINER_CONFIG_INVALID', messageOf(error));
  }
}

/** Only files that were rotated are compressed. */
function checkCompression(
  { Config: options }: HostConfig['LogConfig'],
  { driver, maxSize, maxFile }: { driver: string; maxSize: number; maxFile: number },
): void {
  // the local driver compresses unless it is told not to
  const compress = options.compress === undefined ? driver === 'local' : readAs(options.compress, parseBool);
  if (!compress) return;
  if (driver === 'local' && maxFile === 1)
    throw fail('CONTAINER_CONFIG_INVALID', 'compression cannot be enabled when max file count is 1');
  if (driver === 'json-file' && (maxFile < 2 || maxSize === 0))
    throw fail(
      'CONTAINER_CONFIG_INVALID',
      'compress cannot be true when max-file is less than 2 or max-size is not set',
    );
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
  if (driver !== 'none') checkNames(driver, config.Config);
  if (driver !== 'none') checkMode(config.Config);
  // The local driver keeps five files of 20 MB unless asked (Docker docs, "Local file logging driver").
  const defaults = driver === 'local' ? { size: `${20 * 2 ** 20}`, files: '5' } : { size: '-1', files: '1' };
  const maxSize = parseMaxSize(config.Config['max-size'] ?? defaults.size, driver);
  const maxFile = parseFileCount(config.Config['max-file'] ?? defaults.files);
  if (driver !== 'none') checkCompression(config, { driver, maxSize, maxFile });
  return { kept: driver !== 'none', maxSize, maxFile };
}

export const isJsonFile = ({ Type: driver }: HostConfig['LogConfig']): boolean =>
  driver === '' || driver === 'json-file';

/** The whole configuration of a container's log. Throws as `parseLogConfig` and `attributesOf`. */
export function logConfigOf(container: Parameters<typeof attributesOf>[0]): LogConfig {
  const asked = container.hostConfig.LogConfig;
  const config = parseLogConfig(asked);
  const attributes = attributesOf(container);
  if (!isJsonFile(asked)) return config;
  const compress = parseBool(asked.Config.compress ?? 'false');
  return { ...config, json: { attributes: attributesMember(attributes), compress } };
}
