/** Checks the form of a create request's mounts and binds; the engine checks their sources. */
import { fail, type SeawayError } from '../errors.ts';
import type { HostConfig, MountSpec } from './container.ts';
import { checkMode, propagations } from './mounts.ts';
import { cleanPath } from './paths.ts';

const invalid = (why: string): SeawayError => fail('CONTAINER_CONFIG_INVALID', why);

/** Volumes are copied into, binds have a propagation; neither has the other's. */
function checkBindMode(mode: string, { bind, kind }: { readonly bind: string; readonly kind: string }): void {
  checkMode(mode);
  const words = mode.split(',');
  const others = kind === 'bind' ? ['nocopy'] : propagations;
  if (!words.some((word) => others.includes(word))) return;
  const field = kind === 'bind' ? 'VolumeOptions' : 'BindOptions';
  throw invalid(
    `invalid volume specification: '${bind}': invalid mount config for type "${kind}": field ${field} must not be specified`,
  );
}

/** `source:target[:mode]` or `target`; where it is mounted. */
function checkBind(bind: string): string {
  const parts = bind.split(':');
  if (parts.length > 3 || parts.some((part) => part === '')) {
    throw invalid(`invalid volume specification: '${bind}'`);
  }
  const [first = '', second, mode] = parts;
  const target = second ?? first;
  const kind = first.startsWith('/') && second !== undefined ? 'bind' : 'volume';
  if (!target.startsWith('/')) {
    throw invalid(
      `invalid volume specification: '${bind}': invalid mount config for type "${kind}": invalid mount path: '${target}' mount path must be absolute`,
    );
  }
  if (/^\/+$/.test(target)) {
    throw invalid(
      `invalid volume specification: '${bind}': invalid mount config for type "${kind}": invalid specification: destination can't be '/'`,
    );
  }
  if (mode !== undefined) checkBindMode(mode, { bind, kind });
  return target;
}

function checkMountTarget(mount: MountSpec, refuse: (why: string) => SeawayError): void {
  if (mount.Target === '') throw refuse('field Target must not be empty');
  if (!mount.Target.startsWith('/')) {
    throw refuse(`invalid mount path: '${mount.Target}' mount path must be absolute`);
  }
  if (/^\/+$/.test(mount.Target)) throw refuse("invalid specification: destination can't be '/'");
}

/** One `--mount`; where it is mounted. */
function checkMount(mount: MountSpec): string {
  const refuse = (why: string): SeawayError =>
    invalid(`invalid mount config for type "${mount.Type}": ${why}`);
  if (['image', 'npipe', 'cluster'].includes(mount.Type)) {
    throw fail('NOT_SUPPORTED', `a mount of type "${mount.Type}"`);
  }
  if (!['bind', 'volume', 'tmpfs'].includes(mount.Type)) throw refuse('mount type unknown');
  checkMountTarget(mount, refuse);
  const source = mount.Source ?? '';
  if (mount.Type === 'bind' && source === '') throw refuse('field Source must not be empty');
  if (mount.Type === 'bind' && !source.startsWith('/')) {
    throw refuse(`invalid mount path: '${source}' mount path must be absolute`);
  }
  if (mount.Type === 'tmpfs' && source !== '') throw refuse('field Source must not be specified');
  if (mount.Type !== 'bind' && mount.BindOptions) throw refuse('field BindOptions must not be specified');
  if (mount.Type !== 'volume' && mount.VolumeOptions)
    throw refuse('field VolumeOptions must not be specified');
  if (mount.Type !== 'tmpfs' && mount.TmpfsOptions) throw refuse('field TmpfsOptions must not be specified');
  return mount.Target;
}

/** Throws CONTAINER_CONFIG_INVALID in Docker's words, NOT_SUPPORTED for kinds of mounts that we lack. */
export function checkMounts(host: HostConfig): void {
  const targets = [...(host.Binds ?? []).map(checkBind), ...(host.Mounts ?? []).map(checkMount)].map(
    cleanPath,
  );
  for (const target of Object.keys(host.Tmpfs ?? {})) {
    if (!target.startsWith('/')) throw invalid(`invalid mount path: '${target}' mount path must be absolute`);
  }
  const twice = targets.find((target, index) => targets.indexOf(target) !== index);
  if (twice !== undefined) throw invalid(`Duplicate mount point: ${twice}`);
}
