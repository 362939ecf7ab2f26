/** Resolves a seccomp profile (the default one or a user's) to the rules for one container. */
import { fail, messageOf } from '../../errors.ts';
import type { OciSeccomp, OciSyscall } from './oci.ts';
import { defaultProfile, type Profile, type ProfileRule, type RuleCondition } from './seccomp-profile.ts';

/** Facts for the conditions of a profile. */
export interface SeccompFacts {
  readonly architecture: string;
  readonly kernel: { readonly major: number; readonly minor: number };
  /** The container's. */
  readonly capabilities: readonly string[];
}

const architectureNames: Readonly<Record<string, string>> = {
  amd64: 'SCMP_ARCH_X86_64',
  arm64: 'SCMP_ARCH_AARCH64',
  s390x: 'SCMP_ARCH_S390X',
  riscv64: 'SCMP_ARCH_RISCV64',
  ppc64le: 'SCMP_ARCH_PPC64LE',
};

const atLeast = (kernel: SeccompFacts['kernel'], wanted: string): boolean => {
  const [major = 0, minor = 0] = wanted.split('.').map(Number);
  return kernel.major > major || (kernel.major === major && kernel.minor >= minor);
};

/** All of `includes` must hold. */
const included = (rule: RuleCondition | undefined, facts: SeccompFacts): boolean =>
  (!rule?.arches?.length || rule.arches.includes(facts.architecture)) &&
  (rule?.caps ?? []).every((cap) => facts.capabilities.includes(cap)) &&
  (!rule?.minKernel || atLeast(facts.kernel, rule.minKernel));

/** Any of `excludes` suffices. */
const excluded = (rule: RuleCondition | undefined, facts: SeccompFacts): boolean =>
  (rule?.arches ?? []).includes(facts.architecture) ||
  (rule?.caps ?? []).some((cap) => facts.capabilities.includes(cap)) ||
  (rule?.minKernel !== undefined && rule.minKernel !== '' && atLeast(facts.kernel, rule.minKernel));

const syscallOf = (rule: ProfileRule): OciSyscall => ({
  names: rule.names ?? (rule.name === undefined ? [] : [rule.name]),
  action: rule.action,
  ...(rule.errnoRet !== undefined && { errnoRet: rule.errnoRet }),
  ...(rule.args?.length && { args: rule.args }),
});

function architecturesOf(profile: Profile, facts: SeccompFacts): readonly string[] {
  if (profile.architectures?.length) return profile.architectures;
  const native = architectureNames[facts.architecture];
  const entry = profile.archMap?.find((a) => a.architecture === native);
  return entry ? [entry.architecture, ...(entry.subArchitectures ?? [])] : [];
}

/** The rules of a profile that apply to these facts. Pure. */
export function resolveProfile(profile: Profile, facts: SeccompFacts): OciSeccomp {
  return {
    defaultAction: profile.defaultAction,
    ...(profile.defaultErrnoRet !== undefined && { defaultErrnoRet: profile.defaultErrnoRet }),
    architectures: architecturesOf(profile, facts),
    ...(profile.flags?.length && { flags: profile.flags }),
    syscalls: profile.syscalls
      .filter((rule) => included(rule.includes, facts) && !excluded(rule.excludes, facts))
      .map(syscallOf),
  };
}

/** Throws if a profile uses both of two equivalent fields. */
function checkEither({ architectures, archMap, syscalls }: Partial<Profile>): void {
  const both = (one: string, other: string): Error =>
    new Error(
      `both '${one}' and '${other}' are specified in the seccomp profile, use either '${one}' or '${other}'`,
    );
  if (architectures?.length && archMap?.length) throw both('architectures', 'archMap');
  if (syscalls?.some(({ name, names }) => name && names?.length)) throw both('name', 'names');
}

/** Parses a profile of `--security-opt seccomp=`, which is the text of its JSON file. */
export function parseProfile(text: string): Profile {
  try {
    const profile = JSON.parse(text) as Partial<Profile>;
    if (typeof profile.defaultAction !== 'string') throw new Error('defaultAction is missing');
    checkEither(profile);
    return { ...profile, defaultAction: profile.defaultAction, syscalls: profile.syscalls ?? [] };
  } catch (thrown) {
    throw fail('CONTAINER_CONFIG_INVALID', `decoding seccomp profile failed: ${messageOf(thrown)}`);
  }
}

/** '' or `builtin`: the default; `unconfined`: none; else a profile's JSON. */
export function seccompFor(option: string, facts: SeccompFacts): OciSeccomp | undefined {
  if (option === 'unconfined') return undefined;
  const profile = option === '' || option === 'builtin' ? defaultProfile : parseProfile(option);
  return resolveProfile(profile, facts);
}
