import { describe, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { blankEndpointSpec as spec } from './blank.ts';
import { choicesOf } from './decisions.ts';
import { overlay } from './overlay.ts';
import { openSandbox } from './sandboxes.ts';

type World = ReturnType<typeof world>;

/** The choices of a container's start, as `what why`. */
function startChoices(here: World, name: string): readonly string[] {
  const { model, sandboxContext } = here;
  const container = model.containerByName(name);
  if (!container) throw new Error(`no container ${name}`);
  const { changes } = openSandbox(model, container, sandboxContext);
  const choices = choicesOf(changes, { before: model, after: overlay(model, changes) });
  model.apply(changes);
  return choices.map(
    ({ what, fields }) =>
      `${what} ${fields.mac ?? (what === 'port' ? fields.hostPort : (fields.address ?? fields.interface))}: ${fields.why}`,
  );
}

const app = { ipam: { driver: 'default', options: {}, pools: [] } };

describe('the choices of a start', () => {
  it('say that an address and a MAC were asked for, or how they were chosen', () => {
    const here = world();
    here.network('app', app);
    const asked = { ipv4: '172.18.0.9', mac: '02:00:00:00:00:99' };
    here.container('one', { hostConfig: { NetworkMode: 'app' }, networks: [spec('app', asked)] });
    here.container('two', { hostConfig: { NetworkMode: 'app' }, networks: [spec('app')] });
    expect(startChoices(here, 'one')).toEqual([
      'gateway eth0: its only network',
      'address 172.18.0.9/16: asked for',
      'mac 02:00:00:00:00:99: asked for',
    ]);
    expect(startChoices(here, 'two').slice(1)).toEqual([
      'address 172.18.0.2/16: next free one of the pool',
      expect.stringMatching(/^mac 02:.*: drawn$/),
    ]);
  });

  it('say which network leads out, and why', () => {
    const here = world();
    for (const name of ['a', 'b', 'c']) here.network(name, app);
    const gateway = (container: string, networks: Parameters<typeof spec>[]): string | undefined => {
      const [[first = ''] = []] = networks;
      const specs = networks.map(([name, more]) => spec(name, more));
      here.container(container, { hostConfig: { NetworkMode: first }, networks: specs });
      return startChoices(here, container).find((choice) => choice.startsWith('gateway'));
    };
    expect(gateway('one', [['a'], ['b', { gwPriority: 1 }]])).toBe('gateway eth1: highest gw-priority');
    expect(gateway('two', [['b'], ['a']])).toBe(
      'gateway eth1: leads out in most families, then first by name',
    );
  });

  it('say how a port of the host was found', () => {
    const here = world();
    const ports = {
      '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }],
      '81/tcp': [{ HostIp: '0.0.0.0', HostPort: '' }],
      '82/tcp': [{ HostIp: '0.0.0.0', HostPort: '9000-9010' }],
    };
    here.container('web', { hostConfig: { PortBindings: ports } });
    expect(startChoices(here, 'web').filter((choice) => choice.startsWith('port'))).toEqual([
      'port 8080: asked for',
      'port 32768: any was asked for: next free one of the dynamic range',
      'port 9000: first free one of 9000-9010',
    ]);
  });
});

it('the choices of a network are its pools and gateways; a change of a record has none', () => {
  const here = world();
  const choices = (name: string, ipam: object) => {
    const before = overlay(here.model, []);
    const put = here.network(name, { ipam: { ...app.ipam, ...ipam } });
    const changes = [{ table: 'networks', put }] as const;
    const nothing = { before: { get: () => undefined }, after: here.model };
    expect(choicesOf(changes, { before: here.model, after: before })).toEqual([]);
    return choicesOf(changes, nothing).map(({ what, fields }) => [
      what,
      fields.subnet ?? fields.address,
      fields.why,
    ]);
  };
  expect(choices('app', {})).toEqual([
    [
      'pool',
      '172.18.0.0/16',
      'first of the default address pools that is free and that the host does not route',
    ],
    ['gateway', '172.18.0.1', 'first address of the pool'],
  ]);
  const pools = [{ subnet: '10.1.0.0/24', gateway: '10.1.0.9', auxAddresses: {} }];
  expect(choices('own', { pools })).toEqual([
    ['pool', '10.1.0.0/24', 'asked for'],
    ['gateway', '10.1.0.9', 'asked for'],
  ]);
});
