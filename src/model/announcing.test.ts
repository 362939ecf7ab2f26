import { describe, expect, it } from 'vitest';
import { readAnnouncing } from './announcing.ts';

describe('how often addresses are announced', () => {
  const key = (name: string): string => `com.docker.network.advertise_addr_${name}`;

  it('is three times, a second apart, or as asked', () => {
    expect(readAnnouncing({})).toEqual({ count: 3, interval: 1000 });
    expect(readAnnouncing({ [key('nmsgs')]: '0', [key('ms')]: '100' })).toEqual({ count: 0, interval: 100 });
  });

  it.each([
    ['nmsgs', '4', `${key('nmsgs')} must be in the range 0 to 3`],
    ['nmsgs', '-1', `${key('nmsgs')} must be in the range 0 to 3`],
    ['nmsgs', 'x', `value for option ${key('nmsgs')} "x" must be an integer`],
    ['ms', '99', `${key('ms')} must be in the range 100 to 2000`],
    ['ms', '2001', `${key('ms')} must be in the range 100 to 2000`],
    ['ms', '1s', `value for option ${key('ms')} "1s" must be integer milliseconds`],
  ])('%s=%s is refused', (name, value, why) => {
    expect(() => readAnnouncing({ [key(name)]: value })).toThrow(why);
  });
});
