/** JSON of the API: text indented without being read, and values for templates. */
import { GoMap, nilList, type Value } from './values.ts';

/**
 * Indent JSON text as Go's json.Indent does: nothing inside changes, so numbers, escapes and the order of keys
 * stay the engine's.
 */
export function indentJson(text: string, indent: string, prefix = ''): string {
  let depth = 0;
  const line = (): string => `\n${prefix}${indent.repeat(depth)}`;
  return text.replace(
    /"(?:[^"\\]|\\.)*"|\s+|([{[])\s*([}\]])|([{[])|([}\]])|(,)|(:)/gs,
    (whole, ...groups: (string | undefined)[]) => {
      const [emptyOpen, emptyClose, open, close, comma, colon] = groups;
      if (emptyOpen !== undefined) return `${emptyOpen}${emptyClose}`;
      if (open !== undefined) {
        depth++;
        return open + line();
      }
      if (close !== undefined) {
        depth--;
        return line() + close;
      }
      if (comma !== undefined) return `,${line()}`;
      if (colon !== undefined) return ': ';
      return whole.trim() === '' ? '' : whole;
    },
  );
}

// Fields that are maps in Docker's types: a missing key is no error in a template, and keys are sorted.
const textMaps = new Set(
  (
    'Labels Options Sysctls Tmpfs Annotations DriverOpts StorageOpt Data Attributes ' +
    'AuxiliaryAddresses AuxAddress Details'
  ).split(' '),
);
const otherMaps = new Set(
  'Networks Ports Containers ExposedPorts Volumes PortBindings Status Runtimes IndexConfigs'.split(' '),
);
// Fields that are lists, also when they are null.
const lists = new Set(
  (
    'Args Env Cmd Entrypoint OnBuild Shell ExecIDs Binds VolumesFrom CapAdd CapDrop Dns DnsOptions DnsSearch ' +
    'ExtraHosts GroupAdd Links SecurityOpt Devices DeviceCgroupRules DeviceRequests Ulimits MaskedPaths ' +
    'ReadonlyPaths Mounts Aliases DNSNames RepoTags RepoDigests Layers BlkioWeightDevice BlkioDeviceReadBps ' +
    'BlkioDeviceWriteBps BlkioDeviceReadIOps BlkioDeviceWriteIOps SecondaryIPAddresses SecondaryIPv6Addresses'
  ).split(' '),
);

/** The value of a map's missing key; undefined for fields that are no maps. */
function zeroOf(field: string, owner: string): { readonly zero: Value } | undefined {
  // `Config` is a struct in a container and an image, and a map in a log configuration.
  if (textMaps.has(field) || (field === 'Config' && owner === 'LogConfig')) return { zero: '' };
  return otherMaps.has(field) ? { zero: null } : undefined;
}

/** JSON as the values of templates: objects are structs or maps, by the field that holds them. */
export function templateValue(json: unknown, field = '', owner = ''): Value {
  if (Array.isArray(json)) return json.map((item: unknown) => templateValue(item, '', field));
  const map = zeroOf(field, owner);
  if (json === null && map !== undefined) return new GoMap([], map.zero, true);
  if (json === null && lists.has(field)) return nilList;
  if (typeof json !== 'object' || json === null) return json as Value;
  const entries = Object.entries(json).map(([key, value]): [string, Value] => [
    key,
    templateValue(value, key, field),
  ]);
  return map === undefined ? Object.fromEntries(entries) : new GoMap(entries, map.zero);
}
