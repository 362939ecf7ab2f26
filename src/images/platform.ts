/** Platforms in Go's names (GOOS, GOARCH): `linux/amd64`, `linux/arm64/v8`. */
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

/** Single words that containerd/platforms knows. */
const systems =
  'aix android darwin dragonfly freebsd illumos ios js linux netbsd openbsd plan9 solaris windows';
const processors = `386 amd64 arm arm64 loong64 mips mipsle mips64 mips64le ppc64 ppc64le riscv64 s390x sparc64 wasm`;
const knows = (words: string, word: string): boolean => words.split(' ').includes(word);

/** The platform that this process runs on. */
export function ownPlatform(): Platform {
  return { os: 'linux', architecture: architectures[process.arch] ?? process.arch, variant: '' };
}

const systemPattern = /^([A-Za-z0-9_-]+)(?:\(([A-Za-z0-9_.%-]*)((?:\+[A-Za-z0-9_.%-]+)*)\))?$/;
const wordPattern = /^[A-Za-z0-9_.-]+$/;

const refuse = (why: string): Error => fail('BAD_REQUEST', `${why}: invalid argument`);

/** Throws BAD_REQUEST in the words of containerd's parser. */
function checkComponents(text: string, [system = '', ...others]: readonly string[]): void {
  const quoted = JSON.stringify(text);
  if (others.length > 2) throw refuse(`${quoted}: cannot parse platform specifier`);
  if (!systemPattern.test(system))
    throw refuse(
      `${JSON.stringify(system)} is an invalid OS component of ${quoted}: OSAndVersion specifier component must match ${JSON.stringify(systemPattern.source)}`,
    );
  for (const word of others)
    if (!wordPattern.test(word))
      throw refuse(
        `${JSON.stringify(word)} is an invalid component of ${quoted}: platform specifier component must match ${JSON.stringify(wordPattern.source)}`,
      );
}

/** `linux/arm64/v8`, `linux`, `arm64`, or '' for this one. Throws BAD_REQUEST. */
export function parsePlatform(text: string): Platform {
  const own = ownPlatform();
  if (text === '') return own;
  const parts = text.split('/');
  checkComponents(text, parts);
  const [first = '', second, third = ''] = parts.map((part) => part.toLowerCase());
  const word = systemPattern.exec(first)?.[1] ?? first;
  const os = word === 'macos' ? 'darwin' : word;
  if (second !== undefined) return { os, architecture: architectures[second] ?? second, variant: third };
  if (knows(systems, os)) return { ...own, os };
  const architecture = architectures[os] ?? os;
  if (knows(processors, architecture)) return { os: 'linux', architecture, variant: '' };
  throw refuse(`${JSON.stringify(text)}: unknown operating system or architecture`);
}

/** Whether an image for `has` fits `wanted`; the variants v8 of arm64 and v7 of arm are defaults. */
export function matches(has: Partial<Platform>, wanted: Platform): boolean {
  if ((has.os ?? 'linux') !== wanted.os || has.architecture !== wanted.architecture) return false;
  const variant = (text: string | undefined): string =>
    text || (wanted.architecture === 'arm64' ? 'v8' : wanted.architecture === 'arm' ? 'v7' : '');
  return variant(has.variant) === variant(wanted.variant);
}
