import { describe, expect, it } from 'vitest';
import { plainNetwork } from '../../test/model/networks.ts';
import { driverTable } from '../drivers/table.ts';
import { blankEndpointSpec, blankSandbox } from '../model/blank.ts';
import type { Container } from '../model/container.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { Model } from '../model/memory.ts';
import type { Network } from '../model/network.ts';
import type { Change } from '../model/tables.ts';
import { deriveNames } from './derive.ts';
import { hostsFile, hostsFileOfHost } from './hosts-file.ts';
import { numericOption, resolvConfDirect, resolvConfOfHost } from './resolv-conf.ts';

const network = (id: string, more: Partial<Network> = {}): Network => ({
  ...plainNetwork,
  id,
  name: `${id}-net`,
  created: '',
  ...more,
});

const endpoint = (id: string, networkId: string, more: Partial<Endpoint> = {}): Endpoint => ({
  id,
  networkId,
  sandboxId: 's',
  containerId: 'c',
  name: 'web',
  ifname: 'eth0',
  hostLink: '',
  mac: '',
  addresses: ['10.0.0.2/24'],
  dnsNames: ['web'],
  order: 0,
  spec: blankEndpointSpec('n'),
  ...more,
});

const unlabelled = { links: [], networks: [], config: { Labels: {} } };
const put = <T extends Change['table']>(table: T, record: object): Change =>
  ({ table, put: record }) as Change;

/** What becomes of the names when the second changes are made after the first. */
function namesAfter(first: readonly Change[], second: readonly Change[]) {
  const before = new Model(driverTable());
  before.apply(first);
  const after = new Model(driverTable());
  after.apply([...first, ...second]);
  return deriveNames(before, after, second);
}

const networks = [put('networks', network('n')), put('networks', network('m'))];

describe('the names of an endpoint', () => {
  it('go from the one network and come to the other when it moves', () => {
    const { names } = namesAfter(
      [...networks, put('endpoints', endpoint('e', 'n'))],
      [put('endpoints', endpoint('e', 'm'))],
    );
    expect(names.map(({ networkId, name, entry }) => [networkId, name, entry?.ipv4])).toEqual([
      ['n', 'web', undefined],
      ['n', 'ptr 10.0.0.2', undefined],
      ['m', 'web', '10.0.0.2'],
      ['m', 'ptr 10.0.0.2', '10.0.0.2'],
    ]);
  });

  it('come and go with what its network is', () => {
    const there = [...networks, put('endpoints', endpoint('e', 'n'))];
    const predefined = put('networks', network('n', { predefined: true }));
    expect(namesAfter(there, [predefined]).names.map(({ name, entry }) => [name, entry])).toEqual([
      ['web', undefined],
      ['ptr 10.0.0.2', undefined],
    ]);
    expect(namesAfter([...there, predefined], [put('networks', network('n'))]).names).toHaveLength(2);
    expect(namesAfter(there, [put('networks', network('m', { predefined: true }))]).names).toEqual([]);
  });

  it('may be as long as a question has room for', () => {
    const dnsNames = ['a'.repeat(253), 'b'.repeat(254), 'x'];
    const { names } = namesAfter(networks, [
      put('endpoints', endpoint('e', 'n', { dnsNames, addresses: [] })),
    ]);
    expect(names.map(({ name }) => name.length)).toEqual([253, 1]);
  });

  it('are not touched by changes of other tables', () => {
    const there = [...networks, put('endpoints', endpoint('e', 'n'))];
    expect(namesAfter(there, [put('containers', { ...unlabelled, id: 'e', name: 'e' })]).names).toEqual([]);
    expect(namesAfter(there, [put('volumes', { name: 'e' })])).toEqual({ names: [], sandboxes: [] });
  });
});

describe('the links of a sandbox', () => {
  const privateNames = (links: readonly string[], containers: readonly Partial<Container>[] = []) => {
    const sandbox = { ...blankSandbox, id: 's', containerId: 'c', path: '', hostname: '', resolver: true };
    const spec = { ...blankEndpointSpec('n'), links };
    const made = [put('endpoints', endpoint('e', 'n', { spec })), put('sandboxes', sandbox)];
    const all = containers.map((container) => put('containers', { ...unlabelled, ...container }));
    return namesAfter([...networks, ...all], made).sandboxes[0]?.put?.privateNames;
  };

  it('lead to the name that a container has now', () => {
    const containers = [{ id: 'c0ffee', name: 'Box' }];
    expect(privateNames(['Box:a', 'c0ffee:b', 'c0ffee'], containers)).toEqual({
      a: [{ networkId: 'n', name: 'box' }],
      b: [{ networkId: 'n', name: 'box' }],
      box: [{ networkId: 'n', name: 'box' }],
    });
  });

  it('take the last part of an alias with a path, and pass over what is nothing', () => {
    expect(privateNames(['/db:/web/sql', '', ':x', 'a:b:c'])).toEqual({
      sql: [{ networkId: 'n', name: 'db' }],
      b: [{ networkId: 'n', name: 'a' }],
    });
  });
});

describe('the files of a container', () => {
  const bare = { hostname: '', domainname: '', addresses: [], extraHosts: [], links: [], hostNames: {} };

  it('name an address only where the container has a name', () => {
    const nameless = hostsFile({ ...bare, addresses: ['10.0.0.2'] });
    expect(nameless).toBe(hostsFile(bare));
    expect(hostsFile({ ...bare, hostname: 'box', addresses: ['10.0.0.2'] })).toContain('10.0.0.2\tbox\n');
  });

  it('leave names of the host to links that have them', () => {
    const links = [{ address: '10.0.0.3', alias: 'host.docker.internal', hostname: 'abc', name: 'db' }];
    const hostNames = { 'host.docker.internal': ['172.17.0.1'] };
    expect(hostsFile({ ...bare, links, hostNames })).not.toContain('172.17.0.1');
    expect(hostsFile({ ...bare, hostNames })).toContain('172.17.0.1\thost.docker.internal\n');
  });

  it.each([
    ['', '127.0.0.1\tme\n'],
    ['10.0.0.1 x', '10.0.0.1 x\n127.0.0.1\tme\n'],
    ['10.0.0.1 x\n', '10.0.0.1 x\n127.0.0.1\tme\n'],
    ['10.0.0.1 me', '10.0.0.1 me'],
  ])('add to the host’s own file %j their own lines', (own, expected) => {
    expect(hostsFileOfHost(own, { extraHosts: [], hostNames: { me: ['127.0.0.1'] } })).toBe(expected);
  });

  it('have public servers of both families where the container has IPv6', () => {
    const dns = { servers: [], search: [], options: [] };
    const servers = (ipv6: boolean) => resolvConfDirect({ dns, host: 'nameserver 127.0.0.53\n', ipv6 }).text;
    expect(servers(false)).toBe('nameserver 8.8.8.8\nnameserver 8.8.4.4\n');
    expect(servers(true)).toBe(
      `${servers(false)}nameserver 2001:4860:4860::8888\nnameserver 2001:4860:4860::8844\n`,
    );
  });

  it('are recreated where anything at all is asked', () => {
    const host = '# mine\nnameserver 1.1.1.1\n';
    const none = { servers: [], search: [], options: [] };
    expect(resolvConfOfHost({ dns: none, host })).toBe(host);
    for (const asked of [{ servers: ['9.9.9.9'] }, { search: ['lan'] }, { options: ['rotate'] }])
      expect(resolvConfOfHost({ dns: { ...none, ...asked }, host })).not.toContain('# mine');
    expect(resolvConfOfHost({ dns: { servers: ['9.9.9.9'], search: [], options: ['rotate'] }, host })).toBe(
      'nameserver 9.9.9.9\noptions rotate\n',
    );
  });

  it.each([
    ['timeout:0', 0],
    ['timeout:3', 3],
    ['timeout:-1', undefined],
    ['timeout:1.5', undefined],
    ['timeout:x', undefined],
    ['timeouts:3', undefined],
    ['timeout', undefined],
  ])('of the option %s have the number %s', (option, expected) => {
    expect(numericOption([option], 'timeout')).toBe(expected);
  });
});
