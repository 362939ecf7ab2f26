/** Flags of `swarm init`, `join`, `update` and `ca`. */
import { readFileSync } from 'node:fs';
import { int, type Kind } from '../../flags/kinds.ts';
import { parseDuration } from '../../go/duration.ts';
import { parseUint32 } from '../../go/strconv.ts';
import {
  durationFlag,
  type Flag,
  type FlagValues,
  flag,
  intFlag,
  parsedListFlag,
  switchFlag,
  textFlag,
} from '../flags/flag.ts';
import { csvPairs } from '../spec/csv.ts';
import { uintFlag } from './flags.ts';

export interface ExternalCa {
  readonly Protocol: string;
  readonly URL: string;
  readonly Options: Readonly<Record<string, string>>;
  readonly CACert: string;
}

/** `protocol=cfssl,url=https://...[,cacert=FILE]`. Throws an `Error`. */
export function parseExternalCa(text: string): ExternalCa {
  const fields = new Map<string, string>();
  for (const [key, value, field] of csvPairs(text)) {
    if (value === undefined) throw new Error(`invalid field '${field}' must be a key=value pair`);
    if (key === 'protocol' && value.toLowerCase() !== 'cfssl')
      throw new Error(`unrecognized external CA protocol ${value}`);
    fields.set(key, key === 'cacert' ? readFileSync(value, 'utf8') : value);
  }
  const { protocol, url, cacert = '', ...options } = Object.fromEntries(fields);
  if (protocol === undefined) throw new Error('the external-ca option needs a protocol= parameter');
  if (url === undefined) throw new Error('the external-ca option needs a url= parameter');
  return { Protocol: protocol.toLowerCase(), URL: url, Options: options, CACert: cacert };
}

/** The port that managers listen at. */
const managerPort = 2377;

/** `ip`, `ip:port`, `interface`, `interface:port`, `:port`. */
export function listenAddress(text: string): string {
  const [, host = '', port = ''] = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(text) ?? [];
  if (host === '' && port === '') throw new Error(`invalid proto, expected tcp: ${text}`);
  return `${host === '' ? '0.0.0.0' : host}:${port === '' ? managerPort : port}`;
}

const address: Kind<string> = {
  label: 'node-addr',
  isSwitch: false,
  parse: listenAddress,
  read: (json) => json as string,
};

const uint32: Kind<number> = { label: 'uint32', isSwitch: false, parse: parseUint32, read: int.read };

/** Flags of `init` and `join`. */
export const nodeFlags = {
  advertise: textFlag('advertise-addr', 'Advertised address (format: "<ip|interface>[:port]")'),
  availability: textFlag(
    'availability',
    'Availability of the node ("active", "pause", "drain") (default "active")',
    { initial: 'active', choices: ['active', 'pause', 'drain'] },
  ),
  dataPath: textFlag(
    'data-path-addr',
    'Address or interface to use for data path traffic (format: "<ip|interface>")',
  ),
  listen: flag(
    'listen-addr',
    address,
    `0.0.0.0:${managerPort}`,
    `Listen address (format: "<ip|interface>[:port]") (default 0.0.0.0:${managerPort})`,
  ),
};

const certExpiry: Flag<number> = durationFlag(
  'cert-expiry',
  'Validity period for node certificates (ns|us|ms|s|m|h) (default 2160h0m0s)',
);

export const caFlags = {
  certExpiry: { ...certExpiry, initial: parseDuration('2160h') },
  externalCa: parsedListFlag(
    'external-ca',
    parseExternalCa,
    'Specifications of one or more certificate signing endpoints',
    { label: 'external-ca' },
  ),
};

/** Flags of `init` and `update`: what the swarm's spec says. */
export const specFlags = {
  autolock: switchFlag(
    'autolock',
    'Enable manager autolocking (requiring an unlock key to start a stopped manager)',
  ),
  ...caFlags,
  heartbeat: durationFlag(
    'dispatcher-heartbeat',
    'Dispatcher heartbeat period (ns|us|ms|s|m|h) (default 5s)',
  ),
  maxSnapshots: uintFlag('max-snapshots', 'Number of additional Raft snapshots to retain'),
  snapshotInterval: uintFlag(
    'snapshot-interval',
    'Number of log entries between Raft snapshots (default 10000)',
    10000,
  ),
  taskHistory: intFlag('task-history-limit', 'Task history retention limit (default 5)', { initial: 5 }),
};

export const initFlags = {
  ...nodeFlags,
  ...specFlags,
  dataPathPort: flag(
    'data-path-port',
    uint32,
    0,
    'Port number to use for data path traffic (1024 - 49151). If no value is set or is set to 0, the default port (4789) is used.',
  ),
  addressPools: parsedListFlag('default-addr-pool', poolOf, 'default address pool in CIDR format', {
    label: 'ipNetSlice',
  }),
  poolMask: flag(
    'default-addr-pool-mask-length',
    uint32,
    24,
    'default address pool subnet mask length (default 24)',
  ),
  force: switchFlag('force-new-cluster', 'Force create a new cluster from current state'),
};

/** The network of a prefix; several may be given with commas. */
function poolOf(text: string): readonly string[] {
  return text.split(',').map((part) => {
    const pool = part.trim();
    if (!/^[0-9a-f:.]+\/\d{1,3}$/i.test(pool))
      throw new Error(`invalid string being converted to CIDR: ${pool}`);
    return pool;
  });
}

export type SpecFlags = FlagValues<typeof specFlags>;
