import { describe, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { followLinks } from './port-links.ts';
import { linkOf } from './port-specs.ts';
import { openSandbox } from './sandboxes.ts';

describe('the host of a binding', () => {
  it.each([
    ['eth0', 'eth0'],
    ['enp3s0.100', 'enp3s0.100'],
    ['br-0a1b', 'br-0a1b'],
    ['', ''],
    ['127.0.0.1', ''],
    ['[::1]', ''],
    ['fd00::9', ''],
    ['1.2.3', ''],
    ['sixteen-letters0', ''],
    ['eth+', ''],
  ])('%j is the link %j', (HostIp, link) => {
    expect(linkOf({ HostIp })).toBe(link);
  });
});

/** A container that publishes port 80 on the link, which has these addresses. */
function host(HostPort: string, addresses: string[], name = 'web') {
  const here = world();
  const pools = ['10.7.0.0/24', 'fd07::/64'].map((subnet) => ({ subnet, auxAddresses: {} }));
  here.network('six', { enableIPv6: true, ipam: { driver: '', options: {}, pools } });
  const context = { ...here.sandboxContext, addressesOf: () => addresses };
  const hostConfig = { NetworkMode: 'six', PortBindings: { '80/tcp': [{ HostIp: 'wan0', HostPort }] } };
  const networks = [here.spec('six')];
  const made = here.container(name, { hostConfig, networks });
  here.model.apply(openSandbox(here.model, made, context).changes);
  const follow = (occupied: readonly string[] = []) => {
    const container = here.model.get('containers', made.id) ?? made;
    const followed = followLinks(here.model, container, { ...context, occupied: new Set(occupied) });
    here.model.apply(followed?.changes ?? []);
    return [followed?.gone, followed?.come].map((ports) => ports?.map(({ hostIP }) => hostIP));
  };
  const published = () =>
    here.model.sandboxOfContainer(made.id)?.ports.map(({ hostIP, hostPort }) => `${hostIP} ${hostPort}`);
  return { ...here, context, follow, published };
}

describe('ports on a link', () => {
  it('without a number keep the one that the host chose while the link has no address', () => {
    const addresses = ['192.0.2.1'];
    const web = host('', addresses);
    const [before] = web.published() ?? [];
    addresses.length = 0;
    web.follow();
    web.follow();
    expect(web.published()).toEqual([]);
    addresses.push('192.0.2.1');
    web.follow();
    expect(web.published()).toEqual([before]);
  });

  it('are published on its addresses, each by its family, and follow them', () => {
    const addresses = ['192.0.2.1', 'fd00:9::1'];
    const web = host('8080', addresses);
    expect(web.published()).toEqual(['192.0.2.1 8080', 'fd00:9::1 8080']);
    expect(web.follow()).toEqual([undefined, undefined]);
    addresses.splice(0, 1, '192.0.2.7', '192.0.2.8');
    expect(web.follow()).toEqual([['192.0.2.1'], ['192.0.2.7', '192.0.2.8']]);
    expect(web.published()).toEqual(['192.0.2.7 8080', '192.0.2.8 8080', 'fd00:9::1 8080']);
    addresses.length = 0;
    web.follow();
    expect(web.published()).toEqual([]);
    addresses.push('192.0.2.1');
    web.follow();
    expect(web.published()).toEqual(['192.0.2.1 8080']);
  });

  it('keep a number that was chosen while an address stays', () => {
    const addresses = ['192.0.2.1'];
    const web = host('', addresses);
    addresses.push('192.0.2.2');
    web.follow();
    expect(web.published()).toEqual(['192.0.2.1 32768', '192.0.2.2 32768']);
  });

  it('leave out an address on which another has the port', () => {
    const addresses: string[] = [];
    const web = host('8080', addresses);
    const other = web.container('other', {
      hostConfig: { PortBindings: { '80/tcp': [{ HostIp: '192.0.2.1', HostPort: '8080' }] } },
    });
    web.model.apply(openSandbox(web.model, other, web.context).changes);
    addresses.push('192.0.2.1', '192.0.2.2', '192.0.2.3');
    web.follow(['tcp/192.0.2.3/8080']);
    expect(web.published()).toEqual(['192.0.2.2 8080']);
  });

  it('are refused at the start where another has one', () => {
    const web = host('8080', ['192.0.2.1']);
    const other = web.container('other', {
      hostConfig: { PortBindings: { '80/tcp': [{ HostIp: 'wan0', HostPort: '8080' }] } },
    });
    expect(() => openSandbox(web.model, other, web.context)).toThrow('port is already allocated');
  });
});
