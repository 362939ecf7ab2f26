/** Devices, their limits, and requests for devices. */
import { parseSize } from '../../go/size.ts';
import { csvPairs } from './csv.ts';

export interface DeviceMapping {
  readonly PathOnHost: string;
  readonly PathInContainer: string;
  readonly CgroupPermissions: string;
}

/** Names of the Container Device Interface: `vendor.com/class=name`. */
export const isCdiName = (text: string): boolean =>
  /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w-]*=[\w.:-]+$/.test(text);

const isMode = (text: string): boolean => /^[rwm]+$/.test(text);

/** `/dev/a[:/dev/b][:rwm]`. Throws an `Error`. */
export function parseDevice(text: string): DeviceMapping {
  const parts = text.split(':');
  const [host = '', second, third] = parts;
  if (host === '' || parts.length > 3) throw new Error(`invalid device specification: ${text}`);
  const inside = second === undefined || (third === undefined && isMode(second)) ? host : second;
  const mode = third ?? (second !== undefined && isMode(second) ? second : 'rwm');
  if (!isMode(mode)) throw new Error(`invalid device mode: ${mode}`);
  return { PathOnHost: host, PathInContainer: inside || host, CgroupPermissions: mode };
}

export interface Throttle {
  readonly Path: string;
  readonly Rate: number;
}

const throttleParts = (text: string): [string, string] => {
  const [path = '', rate, more] = text.split(':');
  if (rate === undefined || more !== undefined) throw new Error(`bad format: ${text}`);
  if (!path.startsWith('/dev/')) throw new Error(`bad format for device path: ${text}`);
  return [path, rate];
};

/** `/dev/sda:1mb`: bytes per second. */
export function parseByteRate(text: string): Throttle {
  const [path, rate] = throttleParts(text);
  try {
    return { Path: path, Rate: parseSize(rate) };
  } catch {
    throw new Error(
      `invalid rate for device: ${text}. The correct format is <device-path>:<number>[<unit>]. Number must be a positive integer. Unit is optional and can be kb, mb, or gb`,
    );
  }
}

/** `/dev/sda:1000`: operations per second. */
export function parseOperationRate(text: string): Throttle {
  const [path, rate] = throttleParts(text);
  if (!/^\d+$/.test(rate))
    throw new Error(
      `invalid rate for device: ${text}. The correct format is <device-path>:<number>. Number must be a positive integer`,
    );
  return { Path: path, Rate: Number(rate) };
}

/** `/dev/sda:100`: 10 to 1000, 0 for none. */
export function parseWeight(text: string): { readonly Path: string; readonly Weight: number } {
  const [path, weight] = throttleParts(text);
  const value = Number(weight);
  if (!/^\d+$/.test(weight) || (value > 0 && (value < 10 || value > 1000)))
    throw new Error(`invalid weight for device: ${text}`);
  return { Path: path, Weight: value };
}

/** `c 1:3 mr`, the rule of cgroups v1's devices.allow. */
export function parseCgroupRule(text: string): string {
  if (!/^[acb] (\d+|\*):(\d+|\*) [rwm]{1,3}$/.test(text))
    throw new Error(`invalid device cgroup format '${text}'`);
  return text;
}

export interface DeviceRequest {
  readonly Driver: string;
  readonly Count: number;
  readonly DeviceIDs: readonly string[] | null;
  readonly Capabilities: readonly (readonly string[])[] | null;
  readonly Options: Readonly<Record<string, string>> | null;
}

/** The request that a CDI name stands for. */
export const cdiRequest = (names: readonly string[]): DeviceRequest => ({
  Driver: 'cdi',
  Count: 0,
  DeviceIDs: names,
  Capabilities: null,
  Options: null,
});

/** `all`, a number, or `device=0,capabilities=...`. Throws an `Error`. */
export function parseGpus(text: string): DeviceRequest {
  let request: DeviceRequest = {
    Driver: '',
    Count: 0,
    DeviceIDs: null,
    Capabilities: [['gpu']],
    Options: {},
  };
  for (const [key, value, field] of csvPairs(text)) {
    if (value === undefined || key === 'count') {
      const count = value ?? field;
      if (count !== 'all' && !/^\d+$/.test(count))
        throw new Error(`invalid count (${count}): value must be either "all" or an integer: invalid syntax`);
      request = { ...request, Count: count === 'all' ? -1 : Number(count) };
    } else if (key === 'driver') request = { ...request, Driver: value };
    else if (key === 'device') request = { ...request, DeviceIDs: value.split(',') };
    else if (key === 'capabilities') request = { ...request, Capabilities: [[...value.split(','), 'gpu']] };
    else throw new Error(`unexpected key '${key}' in '${field}'`);
  }
  return request.Count === 0 && request.DeviceIDs === null ? { ...request, Count: 1 } : request;
}
