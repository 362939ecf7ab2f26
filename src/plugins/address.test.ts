import { describe, expect, it } from 'vitest';
import { dialOf, parseJson, parseSpec, urlOf } from './address.ts';

const spec = (text: string) => parseSpec('/etc/docker/plugins/x.spec', text);
const json = (value: unknown) => parseJson('/etc/docker/plugins/x.json', JSON.stringify(value));

describe("a plugin's address", () => {
  it('is the one URL of a .spec file', () => {
    expect(spec('unix:///run/x.sock\n')).toMatchObject({ scheme: 'unix', socket: '/run/x.sock' });
    expect(spec('tcp://10.0.0.1:8080')).toMatchObject({ scheme: 'http', host: '10.0.0.1', port: 8080 });
    expect(spec('http://plugin.example')).toMatchObject({ scheme: 'http', host: 'plugin.example', port: 80 });
    expect(spec('https://[fd00::1]/')).toMatchObject({ scheme: 'https', host: 'fd00::1', port: 443 });
  });

  it.each([
    ['', 'Unknown protocol'],
    ['/run/x.sock', 'Unknown protocol'],
    ['ftp://x', 'Protocol not available: ftp'],
    ['unix://x.sock', 'the path of the socket is not absolute: x.sock'],
    ['tcp://:80', 'no host and port: tcp://:80'],
    ['tcp://x:99999', 'no host and port: tcp://x:99999'],
  ])('"%s" is refused', (text, why) => {
    expect(() => spec(text)).toThrow(`plugin file /etc/docker/plugins/x.spec: ${why}`);
  });

  it('is Addr of a .json file, whose keys Go matches without regard to case', () => {
    expect(json({ name: 'x', addr: 'unix:///run/x.sock' })).toMatchObject({ socket: '/run/x.sock' });
    expect(() => json({ Addr: 7 })).toThrow('must be strings');
    expect(() => parseJson('/x.json', '{')).toThrow('plugin file /x.json: ');
  });

  it('uses TLS where a .json file configures it, and verifies where it names an authority', () => {
    const paths = { CAFile: '/ca', CertFile: '/cert', KeyFile: '/key' };
    expect(json({ Addr: 'tcp://h:1', TLSConfig: paths })).toMatchObject({
      scheme: 'https',
      tls: { verify: true, caFile: '/ca', certFile: '/cert', keyFile: '/key' },
    });
    expect(json({ Addr: 'https://h:1', TLSConfig: {} }).tls?.verify).toBe(false);
    expect(json({ Addr: 'https://h:1', TLSConfig: { ...paths, InsecureSkipVerify: true } }).tls?.verify).toBe(
      false,
    );
    expect(json({ Addr: 'https://h:1', TLSConfig: null }).tls).toBeUndefined();
  });

  it('is told as Go does', () => {
    expect(urlOf(spec('unix:///run/x.sock'))).toBe('http://plugin.moby.localhost');
    expect(urlOf(spec('https://[fd00::1]:7'))).toBe('https://[fd00::1]:7');
    expect(dialOf(spec('unix:///run/x.sock'))).toBe('dial unix /run/x.sock');
    expect(dialOf(spec('tcp://[fd00::1]:7'))).toBe('dial tcp [fd00::1]:7');
  });
});
