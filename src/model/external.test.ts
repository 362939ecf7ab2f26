import { describe, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { blankEndpointSpec } from './blank.ts';
import type { EndpointSpec } from './endpoint.ts';
import { connectExternal, disconnectExternal, externalSandboxes, findExternal } from './external.ts';
import { openSandbox } from './sandboxes.ts';

function here() {
  const it = world();
  const nets = [it.network('net'), it.network('other')] as const;
  const namespace = { path: '/run/netns/box', identity: '4:77', links: ['lo'] };
  const connect = (
    name = 'box',
    {
      network = nets[0],
      spec = {},
      ...more
    }: Partial<typeof namespace> & {
      network?: (typeof nets)[number];
      spec?: Partial<EndpointSpec>;
    } = {},
  ) => {
    const request = {
      network,
      namespace: { ...namespace, ...more },
      name,
      spec: blankEndpointSpec(network.name, spec),
    };
    const made = connectExternal(it.model, request, it.sandboxContext);
    it.model.apply(made.changes);
    return made;
  };
  return { ...it, nets, connect };
}

describe('a namespace that the engine did not make', () => {
  it('has a place in a network, with an address, a name, and a way out', () => {
    const { model, nets, connect } = here();
    const { endpoint, sandbox } = connect();
    expect(endpoint).toMatchObject({ containerId: '', name: 'box', ifname: 'eth0', dnsNames: ['box'] });
    expect(endpoint.addresses).toEqual(['172.18.0.2/16']);
    expect(sandbox).toMatchObject({
      kind: 'external',
      containerId: '',
      path: '/run/netns/box',
      namespace: '4:77',
    });
    expect([sandbox.gateway4, sandbox.hostname, sandbox.ports]).toEqual([endpoint.id, 'box', []]);
    expect([sandbox.domainname, sandbox.extraHosts, sandbox.gateway6, sandbox.sysctls]).toEqual([
      '',
      [],
      '',
      {},
    ]);
    expect(model.endpointsOfNetwork(nets[0].id)).toEqual([endpoint]);
  });

  it('is one sandbox, however many networks it is on', () => {
    const { model, nets, connect } = here();
    const first = connect();
    const second = connect('box2', { network: nets[1] });
    // net comes before other, as on a container
    expect(second.sandbox.gateway4).toBe(first.endpoint.id);
    expect(second.sandbox.id).toBe(first.sandbox.id);
    expect(second.endpoint).toMatchObject({ ifname: 'eth1', order: 1 });
    expect(externalSandboxes(model)).toHaveLength(1);
  });

  it('is another one at the same path when its file is another', () => {
    const { model, nets, connect } = here();
    connect();
    const second = connect('next', { network: nets[1], identity: '4:78' });
    expect(externalSandboxes(model)).toHaveLength(2);
    expect(second.endpoint.ifname).toBe('eth0');
  });

  it('keeps the links that are in it', () => {
    expect(here().connect('box', { links: ['lo', 'eth0', 'eth2'] }).endpoint.ifname).toBe('eth1');
  });

  it('is not among those of containers', () => {
    const it = here();
    it.connect();
    const web = it.container('web');
    it.model.apply(openSandbox(it.model, web, it.sandboxContext).changes);
    expect(externalSandboxes(it.model).map(({ hostname }) => hostname)).toEqual(['box']);
  });

  it.each(['', '-box', 'a b', 'a/b', '.box'])('cannot be called "%s"', (name) => {
    expect(() => here().connect(name)).toThrow(`invalid name (${name})`);
  });

  it('can be called by one letter, but not as somebody on the network is', () => {
    const { connect } = here();
    connect('b');
    expect(() => connect('b', { identity: '4:78' })).toThrow(
      'endpoint with name b already exists in network net',
    );
  });

  it('is on no network of which there is one, and on none that only configures others', () => {
    const { model, network, connect } = here();
    const refused = [
      model.networkByName('host'),
      model.networkByName('none'),
      network('conf', { configOnly: true }),
    ];
    for (const one of refused)
      if (one)
        expect(() => connect('box', { network: one })).toThrow(`cannot be connected to network ${one.name}`);
    expect(refused).not.toContain(undefined);
  });
});

describe('a place of such a namespace', () => {
  it('goes alone while there are others, and the way out moves', () => {
    const { model, nets, connect, sandboxContext } = here();
    const first = connect();
    const second = connect('box', { network: nets[1] });
    model.apply(disconnectExternal(model, first.endpoint, sandboxContext));
    const sandbox = model.get('sandboxes', first.sandbox.id);
    expect(sandbox?.gateway4).toBe(second.endpoint.id);
    expect(model.endpointsOfSandbox(first.sandbox.id)).toEqual([second.endpoint]);
  });

  it('takes the sandbox along when it is the last', () => {
    const { model, connect, sandboxContext } = here();
    const { endpoint, sandbox } = connect();
    model.apply(disconnectExternal(model, endpoint, sandboxContext));
    expect([model.get('sandboxes', sandbox.id), model.get('endpoints', endpoint.id)]).toEqual([
      undefined,
      undefined,
    ]);
    expect(connect('again').endpoint.addresses).toEqual(endpoint.addresses);
  });

  it('is found by its name, by its file, or by its path where there is no file any more', () => {
    const { model, nets, connect } = here();
    const box = connect().endpoint;
    const next = connect('next', { path: '/run/netns/next', identity: '4:78' }).endpoint;
    const find = (wanted: Partial<Parameters<typeof findExternal>[2]>) =>
      findExternal(model, nets[0], { name: '', path: '', identity: '', ...wanted });
    expect(find({ name: 'next' })).toEqual(next);
    expect(find({ path: '/proc/7/ns/net', identity: '4:78' })).toEqual(next);
    expect(find({ path: '/run/netns/box' })).toEqual(box);
    expect(find({ name: 'box', path: '/run/netns/box', identity: '4:77' })).toEqual(box);
    expect(() => find({ name: 'next', path: '/run/netns/box', identity: '4:77' })).toThrow('/run/netns/box');
    expect(() => find({ path: '/run/netns/box', identity: '4:99' })).toThrow('/run/netns/box');
    expect(() => find({ name: 'gone' })).toThrow('gone');
  });

  it('is looked for among namespaces, not among containers', () => {
    const { model, nets, container } = here();
    container('web', { hostConfig: { NetworkMode: 'net' } });
    expect(() => findExternal(model, nets[0], { name: 'web', path: '', identity: '' })).toThrow('web');
  });
});
