/** Platforms in the words of images (GOOS, GOARCH): `linux/amd64`, `linux/arm64/v8`. */
import { fail } from '../errors.ts';

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  /** '' for none. */
  readonly variant: string;
}

const architectures: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: '386',
  arm64: 'arm64',
  arm: 'arm',
  loong64: 'loong64',
  ppc64: 'ppc64le',
  riscv64: 'riscv64',
  s390x: 's390x',
  aarch64: 'arm64',
  x86_64: 'amd64',
};

/** The platform that this process runs on. */
export function ownPlatform(): Platform {
  return { os: 'linux', architecture: architectures[process.arch] ?? process.arch, variant: '' };
}

/** `linux/arm64/v8`, `linux`, or '' for this one. Throws BAD_REQUEST. */
export function parsePlatform(text: string): Platform {
  const own = ownPlatform();
  if (text === '') return own;
  const [first = '', second, third = '', more] = text.toLowerCase().split('/');
  if (more !== undefined || !/^[a-z0-9_]+(\/[a-z0-9_.-]+){0,2}$/i.test(text))
    throw fail('BAD_REQUEST', `${JSON.stringify(text)} is an invalid component of a platform specifier`);
  if (second !== undefined)
    return { os: first, architecture: architectures[second] ?? second, variant: third };
  if (first === 'linux') return own;
  return { os: 'linux', architecture: architectures[first] ?? first, variant: '' };
}

/** Whether an image for `has` runs where `wanted` is asked; an arm64 image may leave its v8 unsaid. */
export function matches(has: Partial<Platform>, wanted: Platform): boolean {
  if ((has.os ?? 'linux') !== wanted.os || has.architecture !== wanted.architecture) return false;
  const variant = (text: string | undefined): string =>
    text || (wanted.architecture === 'arm64' ? 'v8' : wanted.architecture === 'arm' ? 'v7' : '');
  return variant(has.variant) === variant(wanted.variant);
}
