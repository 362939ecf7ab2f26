import { describe, expect, it } from 'vitest';
import {
  numericOption,
  parseResolvConf,
  resolvConfDirect,
  resolvConfOfHost,
  resolvConfWithResolver,
} from './resolv-conf.ts';

const unasked = { servers: [], search: [], options: [] };
const host = 'nameserver 10.9.9.9\nsearch corp.example\noptions edns0\n';

describe('reading', () => {
  it('takes servers, the last search list and all options, and passes over the rest', () => {
    const text =
      '# x\n; y\nnameserver 1.1.1.1 # one\n nameserver  fe80::1%eth0\ndomain a\nsearch b  c\nsortlist z\noptions ndots:2 edns0\noptions rotate\nnameserver\n';
    expect(parseResolvConf(text)).toEqual({
      servers: ['1.1.1.1', 'fe80::1%eth0'],
      search: ['b', 'c'],
      options: ['ndots:2', 'edns0', 'rotate'],
    });
  });

  it('finds the number of an option, the last one given', () => {
    expect(numericOption(['timeout:1', 'timeout:3'], 'timeout')).toBe(3);
    expect(numericOption(['timeout:x'], 'timeout')).toBeUndefined();
    expect(numericOption(['attempts:1'], 'timeout')).toBeUndefined();
  });
});

describe('on a user-defined network', () => {
  const write = (dns: Partial<typeof unasked>, of = '') =>
    resolvConfWithResolver({ dns: { ...unasked, ...dns }, host: of });

  it('names the embedded resolver', () => {
    expect(write({})).toBe('nameserver 127.0.0.11\noptions ndots:0\n');
  });

  it('keeps search domains and options of the host', () => {
    expect(write({}, host)).toBe('nameserver 127.0.0.11\nsearch corp.example\noptions edns0 ndots:0\n');
  });

  it('prefers what was asked for, whatever the servers', () => {
    const dns = { servers: ['198.51.100.1'], search: ['x.y'], options: ['a', 'ndots:4'] };
    expect(write(dns as never, host)).toBe('nameserver 127.0.0.11\nsearch x.y\noptions a ndots:4\n');
  });

  it('has no search domain when "." is asked for', () => {
    expect(write({ search: ['.'] as never }, host)).toBe('nameserver 127.0.0.11\noptions edns0 ndots:0\n');
  });
});

describe('elsewhere', () => {
  const write = (dns: Partial<Record<keyof typeof unasked, readonly string[]>>, of: string, ipv6 = false) =>
    resolvConfDirect({ dns: { ...unasked, ...dns }, host: of, ipv6 });

  it('is the host’s file as it is', () => {
    expect(write({}, `# kept\n${host}`)).toEqual({ text: `# kept\n${host}`, fallback: false });
  });

  it('lacks servers on the host’s loopback, and those that only IPv6 reaches', () => {
    const text = 'nameserver 127.0.0.53\nnameserver 10.9.9.9\nnameserver ::1\nnameserver fd00::53\n';
    expect(write({}, text).text).toBe('nameserver 10.9.9.9\n');
    expect(write({}, text, true).text).toBe('nameserver 10.9.9.9\nnameserver fd00::53\n');
    expect(write({ search: ['a.b'] }, text).text).toBe('nameserver 10.9.9.9\nsearch a.b\n');
  });

  it('says that it falls back to public servers when none is left', () => {
    const text = 'nameserver 127.0.0.53\nsearch x\n';
    expect(write({}, text)).toEqual({
      text: 'nameserver 8.8.8.8\nnameserver 8.8.4.4\nsearch x\n',
      fallback: true,
    });
    expect(write({}, '').fallback).toBe(true);
    expect(write({ servers: ['1.2.3.4'] }, text)).toEqual({
      text: 'nameserver 1.2.3.4\nsearch x\n',
      fallback: false,
    });
  });

  it('has what was asked for as it was', () => {
    const dns = { servers: ['fd00::1', '127.0.0.1'], search: ['a.b', 'c.d'], options: ['timeout:1'] };
    expect(write(dns, host).text).toBe(
      'nameserver fd00::1\nnameserver 127.0.0.1\nsearch a.b c.d\noptions timeout:1\n',
    );
  });
});

describe('in the host’s namespace', () => {
  it('is the host’s file, loopback servers and all, until something is asked for', () => {
    const text = 'nameserver 127.0.0.53 # local\n';
    expect(resolvConfOfHost({ dns: unasked, host: text })).toBe(text);
    expect(resolvConfOfHost({ dns: { ...unasked, search: ['z'] }, host: text })).toBe(
      'nameserver 127.0.0.53\nsearch z\n',
    );
    expect(resolvConfOfHost({ dns: { ...unasked, servers: ['1.2.3.4'] }, host: text })).toBe(
      'nameserver 1.2.3.4\n',
    );
  });
});
