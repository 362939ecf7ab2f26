import { describe, expect, it } from 'vitest';
import { checkName, mountOf } from './options.ts';

describe('volumes', () => {
  it.each(['ab', 'a-b_c.d', '0'.repeat(64)])('the name %s is good', (name) => {
    expect(() => checkName(name)).not.toThrow();
  });

  it.each(['', '.a', 'a/b', '../x', 'a b', '/data', '-a'])('the name "%s" is refused', (name) => {
    expect(() => checkName(name)).toThrow('includes invalid characters for a local volume name');
  });

  it('a name of one character is too short', () => {
    expect(() => checkName('a')).toThrow('volume name is too short');
  });

  it('options become a mount', () => {
    expect(mountOf('v', {})).toBeUndefined();
    expect(mountOf('v', { type: 'tmpfs', device: 'tmpfs', o: 'size=1m,ro,nosuid' })).toEqual({
      type: 'tmpfs',
      device: 'tmpfs',
      flags: 3,
      data: 'size=1m',
    });
    expect(mountOf('v', { type: 'none', device: '/srv', o: 'bind' })).toMatchObject({
      flags: 0x1000,
      data: '',
    });
    expect(mountOf('v', { type: 'nfs', device: ':/x', o: 'addr=10.0.0.1,rw' })).toMatchObject({
      data: 'addr=10.0.0.1',
    });
  });

  it.each([
    [{ foo: 'x' }, 'invalid option: "foo"'],
    [{ type: 'tmpfs' }, 'missing required option: "device"'],
    [{ device: '/x' }, 'missing required option: "type"'],
    [{ size: '1g' }, 'no quota support'],
  ])('%j is refused', (options, why) => {
    expect(() => mountOf('v', options as Record<string, string>)).toThrow(why);
  });
});
