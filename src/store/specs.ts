/** From format 3 to 4: records in the words of the source, with the options of networks and endpoints read. */
import { messageOf } from '../errors.ts';
import { parseSysctls } from '../model/endpoint-options.ts';
import { parseAccepted } from '../model/network-options.ts';
import type { Options } from '../model/option-values.ts';
import type { Drivers, Migration, Snapshot } from './migration.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Namespaces that others made were called foreign. */
const withKind = (sandbox: Fields): Fields =>
  sandbox.kind === 'foreign' ? { ...sandbox, kind: 'external' } : sandbox;

/** Fanouts were called extensions, and what was asked of an endpoint `ask`. */
const withSpec = ({ extension, ask, ...endpoint }: Fields): Fields => ({
  ...endpoint,
  ...(extension !== undefined && { fanout: extension }),
  spec: specOf(ask),
  ...readSysctls(ask as { readonly driverOpts?: Options } | undefined),
});

/** What was chosen is the container's. */
function specOf(ask: unknown): Fields {
  const { kept: _, ...spec } = (ask ?? {}) as Fields;
  return spec;
}

function readSysctls({ driverOpts = {} }: { readonly driverOpts?: Options } = {}): Fields {
  try {
    const sysctls = parseSysctls({ driverOpts });
    return sysctls.length > 0 ? { sysctls } : {};
  } catch (error) {
    return { invalid: messageOf(error) };
  }
}

/** A configuration's options are read by the network that takes them. */
function withParsed(network: Fields, drivers: Drivers): Fields {
  const { driver, options, configOnly } = network;
  const parsed = parseAccepted(drivers.find(String(driver)), configOnly ? {} : (options as Options));
  return { ...network, parsed };
}

function change(before: Snapshot, drivers: Drivers): Snapshot {
  const { networks = [], endpoints = [], sandboxes = [] } = before;
  return {
    ...before,
    networks: networks.map((network) => withParsed(network, drivers)),
    endpoints: endpoints.map(withSpec),
    sandboxes: sandboxes.map(withKind),
  };
}

export const specs: Migration = {
  to: 4,
  what: 'records are in the words of the source: external namespaces, fanouts, specs',
  change,
};
