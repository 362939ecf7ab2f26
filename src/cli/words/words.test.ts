import { describe, expect, it } from 'vitest';
import { binarySize, humanSize } from '../../go/size.ts';
import { shownPorts } from './ports.ts';
import { registryOf, splitReference, withTag } from './reference.ts';
import { ellipsis, naturalOrder, shortId } from './text.ts';
import { parseMoment } from './time.ts';

describe('sizes', () => {
  it.each([
    [0, 4, '0B'],
    [999, 4, '999B'],
    [1000, 4, '1kB'],
    [1984230, 3, '1.98MB'],
    [1984230, 4, '1.984MB'],
    [123456789, 3, '123MB'],
    [1e9, 3, '1GB'],
  ])('%d with %d digits is %s', (bytes, digits, expected) => {
    expect(humanSize(bytes, digits)).toBe(expected);
  });

  it('of memory are powers of 1024', () => {
    expect(binarySize(327680)).toBe('320KiB');
    expect(binarySize(25276071936)).toBe('23.54GiB');
  });
});

describe('times', () => {
  it.each([
    ['1700000000', '1700000000'],
    ['1700000000.5', '1700000000.5'],
    ['2020-01-01T00:00:00Z', '1577836800.000000000'],
    ['2020-01-01T01:00:00.123456789+01:00', '1577836800.123456789'],
    ['10m', '1577836200.000000000'],
  ])('the moment %s', (text, expected) => {
    expect(parseMoment(text, 1577836800_000)).toBe(expected);
  });

  it('moments are times or spans', () => {
    expect(() => parseMoment('yesterday', 0)).toThrow(
      'failed to parse value as time or duration: "yesterday"',
    );
  });
});

describe('ports', () => {
  it('are runs where neighbours keep their numbers, and one by one where they move', () => {
    const udp = (ip: string, port: number) => ({ IP: ip, PrivatePort: port, PublicPort: port, Type: 'udp' });
    expect(
      shownPorts([
        { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
        udp('::', 9001),
        udp('0.0.0.0', 9000),
        udp('0.0.0.0', 9001),
        udp('::', 9000),
      ]),
    ).toBe('0.0.0.0:9000-9001->9000-9001/udp, [::]:9000-9001->9000-9001/udp, 0.0.0.0:8080->80/tcp');
    const exposed = (PrivatePort: number) => ({ PrivatePort, Type: 'tcp' });
    expect(shownPorts([exposed(81), exposed(80), exposed(443)])).toBe('80-81/tcp, 443/tcp');
  });
});

describe('names', () => {
  it('of images', () => {
    expect(splitReference('host:5000/a/b:tag')).toEqual({ repository: 'host:5000/a/b', tag: 'tag' });
    expect(splitReference('host:5000/a')).toEqual({ repository: 'host:5000/a', tag: '' });
    expect(withTag('busybox')).toBe('busybox:latest');
    expect(withTag('a@sha256:00')).toBe('a@sha256:00');
    expect(registryOf('library/a')).toBe('https://index.docker.io/v1/');
    expect(registryOf('localhost:5000/a')).toBe('localhost:5000');
  });

  it('are sorted as people do, shortened with an ellipsis', () => {
    expect(['n10', 'n2', 'a', 'n1'].sort(naturalOrder)).toEqual(['a', 'n1', 'n2', 'n10']);
    expect(ellipsis('sh -c "something long"', 10)).toBe('sh -c "so…');
    expect(shortId('sha256:0123456789abcdef')).toBe('0123456789ab');
  });
});
