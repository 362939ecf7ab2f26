/** JSON of the API: exact numbers, and text indented without being read. */
import type { Value } from '../template/values.ts';

/** Parse; integers that a double cannot hold become bigints. */
export function parseJson(text: string): unknown {
  return JSON.parse(text, exactNumber as (key: string, value: unknown) => unknown);
}

// The third argument (ES2026, JSON.parse source text access) is not in the library's types yet.
function exactNumber(_key: string, value: unknown, { source = '' }: { source?: string }): unknown {
  return typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(source)
    ? BigInt(source)
    : value;
}

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
const mapFields = new Set([
  'Labels',
  'Networks',
  'Ports',
  'Options',
  'Containers',
  'ExposedPorts',
  'Volumes',
  'Sysctls',
  'Tmpfs',
  'Annotations',
  'DriverOpts',
  'StorageOpt',
  'PortBindings',
  'AuxiliaryAddresses',
  'AuxAddresses',
  'Data',
  'Status',
  'Runtimes',
  'IndexConfigs',
]);
// `Config` is a struct in a container and an image, and a map in a log configuration.
const isMapField = (key: string, owner: string): boolean =>
  mapFields.has(key) || (key === 'Config' && owner === 'LogConfig');

/** JSON as the values of templates: objects are structs or maps, by the field that holds them. */
export function templateValue(json: unknown, field = '', owner = ''): Value {
  if (Array.isArray(json)) return json.map((item: unknown) => templateValue(item, '', field));
  if (typeof json !== 'object' || json === null) return json as Value;
  const entries = Object.entries(json).map(([key, value]): [string, Value] => [
    key,
    templateValue(value, key, field),
  ]);
  return isMapField(field, owner) ? new Map(entries) : Object.fromEntries(entries);
}
