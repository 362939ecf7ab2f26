/** Names and options of local volumes, checked as Docker does. Pure. */
import { fail } from '../errors.ts';

/** MS_BIND. */
export const bindFlag = 0x1000;

/** mount(2) flags by their names in mount(8). */
const flagNames: Readonly<Record<string, number>> = {
  ro: 0x1,
  nosuid: 0x2,
  nodev: 0x4,
  noexec: 0x8,
  sync: 0x10,
  remount: 0x20,
  mand: 0x40,
  dirsync: 0x80,
  noatime: 0x400,
  nodiratime: 0x800,
  bind: bindFlag,
  rbind: bindFlag | 0x4000,
  relatime: 0x200000,
  strictatime: 0x1000000,
};

/** Options that are the defaults. */
const defaults = new Set(['rw', 'defaults', 'suid', 'dev', 'exec', 'async', 'atime', 'diratime']);

const known = new Set(['type', 'device', 'o', 'size']);

/** The mount of a volume while it is used. */
export interface VolumeMount {
  readonly type: string;
  readonly device: string;
  readonly flags: number;
  readonly data: string;
}

const invalid = (name: string, why: string): Error => fail('VOLUME_INVALID', `create ${name}: ${why}`);

/** Throws VOLUME_INVALID in Docker's words. */
export function checkName(name: string): void {
  if (name.length === 1)
    throw invalid(name, 'volume name is too short, names should be at least two alphanumeric characters');
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name) || name.length > 255)
    throw invalid(
      name,
      `${JSON.stringify(name)} includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
    );
}

/** The mount that the options ask for; undefined for a plain folder. Throws VOLUME_INVALID. */
export function mountOf(name: string, options: Readonly<Record<string, string>>): VolumeMount | undefined {
  const strange = Object.keys(options).find((key) => !known.has(key));
  if (strange !== undefined) throw invalid(name, `invalid option: ${JSON.stringify(strange)}`);
  if (options.size) throw invalid(name, 'quota size requested but no quota support');
  if (Object.keys(options).length === 0) return undefined;
  for (const key of ['device', 'type'] as const)
    if (!options[key] && !(key === 'type' && isBind(options)))
      throw invalid(name, `missing required option: "${key}"`);
  const words = (options.o ?? '').split(',').filter((word) => word !== '' && !defaults.has(word));
  const flags = words.reduce((sum, word) => sum | (flagNames[word] ?? 0), 0);
  const data = words.filter((word) => flagNames[word] === undefined).join(',');
  const type = options.type ?? 'none';
  return { type, device: options.device ?? '', flags, data };
}

const isBind = (options: Readonly<Record<string, string>>): boolean =>
  /(?:^|,)r?bind(?:,|$)/.test(options.o ?? '');
