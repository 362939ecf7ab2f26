/**
 * Fields that the API leaves out when they are empty. Docker's client knows them by its types; a template that
 * asks for one (`{{if .State.Health}}`) gets what the type has for nothing.
 */
import { GoMap, type Value } from './values.ts';

const emptyText = [
  'StopSignal',
  'MacAddress',
  'Domainname',
  'Runtime',
  'Isolation',
  'CgroupnsMode',
  'Name',
  'Driver',
  'Mode',
  'Propagation',
  'Comment',
  'Author',
  'Variant',
  'OsVersion',
  'Error',
  'CreatedAt',
  'Scope',
  'Gateway',
  'IPRange',
  'Platform',
  'Source',
];
const nothing = [
  'Health',
  'Healthcheck',
  'StopTimeout',
  'Shell',
  'Mounts',
  'Init',
  'Annotations',
  'ImageManifestDescriptor',
  'SizeRw',
  'SizeRootFs',
  'Manifests',
  'Descriptor',
  'IPAMConfig',
  'Aliases',
  'DNSNames',
  'DriverOpts',
  'UsageData',
  'ClusterVolume',
  'BindOptions',
  'VolumeOptions',
  'TmpfsOptions',
  'DeviceRequests',
  'MaskedPaths',
  'ReadonlyPaths',
];
const no = [
  'NetworkDisabled',
  'ArgsEscaped',
  'EnableIPv4',
  'ConfigOnly',
  'Attachable',
  'Ingress',
  'ReadOnly',
];
const emptyMap = [
  'ExposedPorts',
  'Volumes',
  'Sysctls',
  'Tmpfs',
  'StorageOpt',
  'Labels',
  'Options',
  'AuxiliaryAddresses',
  'Status',
];
const zero = ['GwPriority', 'VirtualSize', 'RestartCount'];

const absent = new Map<string, Value>([
  ...emptyText.map((name): [string, Value] => [name, '']),
  ...nothing.map((name): [string, Value] => [name, null]),
  ...no.map((name): [string, Value] => [name, false]),
  ...emptyMap.map((name): [string, Value] => [name, new GoMap([], '')]),
  ...zero.map((name): [string, Value] => [name, 0]),
]);

/** The value of a field that is left out; undefined for fields that the API does not have. */
export function absentFields(field: string): { readonly value: Value } | undefined {
  return absent.has(field) ? { value: absent.get(field) } : undefined;
}
