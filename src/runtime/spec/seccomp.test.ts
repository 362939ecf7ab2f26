import { describe, expect, it } from 'vitest';
import { defaultCapabilities } from './capabilities.ts';
import { parseProfile, seccompFor } from './seccomp.ts';

const facts = { architecture: 'amd64', kernel: { major: 6, minor: 1 }, capabilities: defaultCapabilities };

/** What the default profile does with a call without looking at its arguments. */
function action(call: string, change: Partial<typeof facts> = {}): string {
  const profile = seccompFor('', { ...facts, ...change });
  const rules = profile?.syscalls.filter((rule) => rule.names.includes(call)) ?? [];
  if (rules.length === 0) return 'refused';
  return rules
    .map(
      (rule) =>
        `${rule.action === 'SCMP_ACT_ALLOW' ? 'allow' : `errno ${rule.errnoRet}`}${rule.args ? '?' : ''}`,
    )
    .join(' ');
}

describe('the default seccomp profile', () => {
  it('refuses with EPERM what it does not name', () => {
    expect(seccompFor('', facts)).toMatchObject({
      defaultAction: 'SCMP_ACT_ERRNO',
      defaultErrnoRet: 1,
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
    });
  });

  it.each([
    ['read', 'allow'],
    ['openat2', 'allow'],
    ['ptrace', 'allow'],
    ['socket', 'allow?'],
    ['personality', 'allow? allow? allow? allow? allow?'],
    ['clone', 'allow?'],
    ['clone3', 'errno 38'],
    ['arch_prctl', 'allow'],
    ['chroot', 'allow'],
    ['mount', 'refused'],
    ['unshare', 'refused'],
    ['io_uring_setup', 'refused'],
    ['kexec_load', 'refused'],
    ['keyctl', 'refused'],
    ['userfaultfd', 'refused'],
    ['reboot', 'refused'],
    ['bpf', 'refused'],
  ])('%s: %s', (call, expected) => expect(action(call)).toBe(expected));

  it('opens with capabilities', () => {
    const capabilities = ['CAP_SYS_ADMIN', 'CAP_SYS_BOOT'];
    expect(action('mount', { capabilities })).toBe('allow');
    expect(action('clone', { capabilities })).toBe('allow');
    expect(action('clone3', { capabilities })).toBe('allow');
    expect(action('reboot', { capabilities })).toBe('allow');
    expect(action('chroot', { capabilities })).toBe('refused');
  });

  it('depends on architecture and kernel', () => {
    expect(action('arch_prctl', { architecture: 'arm64' })).toBe('refused');
    expect(action('cacheflush', { architecture: 'arm64' })).toBe('allow');
    expect(action('ptrace', { kernel: { major: 4, minor: 4 } })).toBe('refused');
    const onS390 = seccompFor('', { ...facts, architecture: 's390x' });
    expect(onS390?.syscalls.find((rule) => rule.names.includes('clone'))?.args?.[0]?.index).toBe(1);
  });

  it('names no call twice without condition', () => {
    const names = seccompFor('', facts)?.syscalls[0]?.names ?? [];
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(350);
  });
});

describe('other profiles', () => {
  it('unconfined is none', () => expect(seccompFor('unconfined', facts)).toBeUndefined());

  it('a file of Docker is taken as it is', () => {
    const text = JSON.stringify({
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [
        { name: 'mkdir', action: 'SCMP_ACT_ERRNO', args: [] },
        { names: ['chmod'], action: 'SCMP_ACT_ERRNO', includes: { caps: ['CAP_SYS_ADMIN'] } },
      ],
    });
    expect(seccompFor(text, facts)).toEqual({
      defaultAction: 'SCMP_ACT_ALLOW',
      architectures: [],
      syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO' }],
    });
  });

  it('what is no profile is refused', () => {
    expect(() => seccompFor('/etc/profile.json', facts)).toThrow(/decoding seccomp profile failed/);
  });
});

it('a profile says each thing in one way', () => {
  const parse = (profile: object) => () =>
    parseProfile(JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', ...profile }));
  const archMap = [{ architecture: 'SCMP_ARCH_X86_64' }];
  expect(parse({ architectures: ['SCMP_ARCH_X86_64'], archMap })).toThrow(
    "both 'architectures' and 'archMap' are specified in the seccomp profile, use either 'architectures' or 'archMap'",
  );
  const action = 'SCMP_ACT_ERRNO';
  expect(parse({ syscalls: [{ name: 'a', names: ['b'], action }] })).toThrow("both 'name' and 'names'");
  expect(
    parse({
      archMap,
      syscalls: [
        { name: 'a', action },
        { names: ['b'], action },
      ],
    }),
  ).not.toThrow();
});
