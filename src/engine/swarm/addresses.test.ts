import { describe, expect, it } from 'vitest';
import { chooseAddresses, type HostAddresses } from './addresses.ts';

const machine = (...addresses: readonly string[]): HostAddresses => ({
  links: [
    { index: 1, name: 'up0' },
    { index: 2, name: 'up1' },
  ],
  addresses: addresses.map((text) => {
    const [link = '', address = ''] = text.split(' ');
    return { link: Number(link), address, scope: 'global' };
  }),
  isOwn: (address) => address.startsWith('172.17.'),
});
const asked = (given: object) => ({ listen: '0.0.0.0:2377', advertise: '', dataPath: '', ...given });
const one = machine('1 198.51.100.11/24', '1 2001:db8::11/64', '2 172.17.0.1/16');
const two = machine('1 198.51.100.11/24', '2 192.0.2.11/24');

describe('addresses of a node of a swarm', () => {
  it('the only address of the machine is advertised, those of networks do not count', () => {
    expect(chooseAddresses(asked({}), one)).toEqual({
      ...{ listen: '0.0.0.0:2377', advertise: '198.51.100.11:2377', dataPath: '' },
    });
  });

  it('an interface stands for its address, and a port goes with it', () => {
    expect(chooseAddresses(asked({ advertise: 'up1:4000' }), two).advertise).toBe('192.0.2.11:4000');
    expect(chooseAddresses(asked({ listen: '192.0.2.11:4001' }), two)).toMatchObject({
      ...{ listen: '192.0.2.11:4001', advertise: '192.0.2.11:4001' },
    });
    expect(chooseAddresses(asked({ listen: '[::]:2377', advertise: '2001:db8::11' }), one)).toMatchObject({
      ...{ listen: '[::]:2377', advertise: '[2001:db8::11]:2377' },
    });
  });

  it.each([
    [two, {}, 'on different interfaces (198.51.100.11 on up0 and 192.0.2.11 on up1)'],
    [
      machine('1 198.51.100.11/24', '1 198.51.100.12/24'),
      {},
      'on interface up0 (198.51.100.11 and 198.51.100.12)',
    ],
    [machine(), {}, "could not find the system's IP address"],
    [two, { advertise: '203.0.113.5' }, 'must specify a listening address because'],
    [one, { advertise: '0.0.0.0' }, 'advertise address must be a non-zero IP address'],
    [one, { advertise: 'nothing0' }, 'advertise address must be a non-zero IP address'],
    [one, { listen: 'x:y' }, 'listen address must be an IP address or network interface'],
    [one, { dataPath: '0.0.0.0' }, 'data path address must be a non-zero IP address'],
  ])('refuses in the words of Docker (%#)', (host, given, why) => {
    expect(() => chooseAddresses(asked(given), host)).toThrow(why);
  });
});
