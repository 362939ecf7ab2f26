import { describe, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { blankConfig, blankEndpointSpec } from './blank.ts';
import type { ContainerConfig } from './container.ts';
import { mergeImage, renameContainer, withState } from './containers.ts';
import type { ImageConfig } from './image.ts';
import { openSandbox } from './sandboxes.ts';

const merge = (config: Partial<ContainerConfig>, image: ImageConfig) =>
  mergeImage({ ...blankConfig, ...config }, image);

describe('what the image says', () => {
  const image = { Cmd: ['sh'], Entrypoint: ['/entry'] };
  const commands: [string, Partial<ContainerConfig>, ImageConfig, string[] | null, string[] | null][] = [
    ['stands where nothing is asked', {}, image, ['/entry'], ['sh']],
    ['keeps its entrypoint before another command', { Cmd: ['ls'] }, image, ['/entry'], ['ls']],
    ['loses its command to another entrypoint', { Entrypoint: ['/mine'] }, image, ['/mine'], null],
    ['loses both to both', { Entrypoint: ['/mine'], Cmd: ['ls'] }, image, ['/mine'], ['ls']],
    ['loses its entrypoint to an empty word', { Entrypoint: [''], Cmd: ['ls'] }, image, null, ['ls']],
    ['has its command stand for an empty one', { Cmd: [] }, image, ['/entry'], ['sh']],
    ['keeps its command where no entrypoint at all is asked', { Entrypoint: [] }, image, [], ['sh']],
    ['may be nothing', {}, {}, null, null],
  ];
  it.each(commands)('%s', (_case, config, said, entrypoint, command) => {
    const { Entrypoint, Cmd } = merge(config, said);
    expect([Entrypoint, Cmd]).toEqual([entrypoint, command]);
  });

  it('gives way to the user, the working directory and the stop signal that were asked', () => {
    const said = { User: 'web', WorkingDir: '/srv', StopSignal: 'SIGQUIT' };
    expect(merge({}, said)).toMatchObject(said);
    const asked = { User: '0', WorkingDir: '/', StopSignal: 'SIGINT' };
    expect(merge(asked, said)).toMatchObject(asked);
    expect(merge({}, {})).toMatchObject({ User: '', WorkingDir: '' });
    expect(merge({}, {})).not.toHaveProperty('StopSignal');
  });

  it('adds the variables that are not asked for otherwise, after those that are', () => {
    const said = { Env: ['PATH=/bin', 'A=image', 'AB=1'] };
    expect(merge({ Env: ['A=mine', 'B'] }, said).Env).toEqual(['A=mine', 'B', 'PATH=/bin', 'AB=1']);
    expect(merge({ Env: ['PATH'] }, said).Env).toEqual(['PATH', 'A=image', 'AB=1']);
    expect(merge({}, {}).Env).toEqual([]);
  });

  it('adds labels, ports and volumes', () => {
    const said = {
      Labels: { a: 'image', b: 'image' },
      ExposedPorts: { '80/tcp': {} },
      Volumes: { '/a': {} },
    };
    const both = merge(
      { Labels: { a: 'mine' }, ExposedPorts: { '53/udp': {} }, Volumes: { '/b': {} } },
      said,
    );
    expect(both).toMatchObject({ Labels: { a: 'mine', b: 'image' } });
    expect(Object.keys(both.ExposedPorts ?? {}).sort()).toEqual(['53/udp', '80/tcp']);
    expect(Object.keys(both.Volumes ?? {}).sort()).toEqual(['/a', '/b']);
    expect(merge({}, {})).not.toHaveProperty('ExposedPorts');
    expect(merge({}, {}).Volumes).toBeNull();
  });

  it('completes a health check of which only parts are asked', () => {
    const said = { Healthcheck: { Test: ['CMD', 'true'], Interval: 5, Retries: 2 } };
    expect(merge({}, said).Healthcheck).toEqual(said.Healthcheck);
    expect(merge({ Healthcheck: { Interval: 9, Retries: 0, Test: [] } }, said).Healthcheck).toEqual({
      Test: ['CMD', 'true'],
      Interval: 9,
      Retries: 2,
    });
    expect(merge({ Healthcheck: { Test: ['NONE'] } }, said).Healthcheck).toMatchObject({ Test: ['NONE'] });
    expect(merge({ Healthcheck: { Test: ['NONE'] } }, {}).Healthcheck).toEqual({ Test: ['NONE'] });
    expect(merge({}, {})).not.toHaveProperty('Healthcheck');
  });
});

describe('a new container', () => {
  it('has a well-formed name that nobody else has', () => {
    const here = world();
    const { id } = here.container('web');
    expect(here.container('/web.2_x-Y').name).toBe('web.2_x-Y');
    expect(here.container('').name).toBe('agile_albatross');
    expect(() => here.container('/web')).toThrow(
      `Conflict. The container name "/web" is already in use by container "${id}"`,
    );
    for (const name of ['a', '-web', 'a b', 'a/b', 'ümlaut', '//web', '.web'])
      expect(() => here.container(name)).toThrow(`Invalid container name (${name})`);
  });

  it('is called by its id inside, on the network of the host as the host is', () => {
    const here = world();
    const plain = here.container('plain');
    expect(plain.config.Hostname).toBe(plain.id.slice(0, 12));
    expect(here.container('onhost', { hostConfig: { NetworkMode: 'host' } }).config.Hostname).toBe('host');
    const config = { ...blankConfig, Hostname: 'mine' };
    expect(here.container('named', { config, hostConfig: { NetworkMode: 'host' } }).config.Hostname).toBe(
      'mine',
    );
  });

  it('is on the network of its mode first, then on the others as asked', () => {
    const here = world();
    const { id } = here.network('net');
    const modes: [string, readonly string[], string, readonly string[]][] = [
      ['', [], 'bridge', ['bridge']],
      ['default', ['default'], 'bridge', ['bridge']],
      ['bridge', ['net', 'bridge'], 'bridge', ['bridge', 'net']],
      // where networks are named, the mode adds none
      ['net', ['bridge'], 'net', ['bridge']],
      ['default', ['net'], 'bridge', ['net']],
      ['none', ['net'], 'none', ['net']],
      [id, [], 'net', ['net']],
      [id.slice(0, 12), ['bridge', 'net'], 'net', ['net', 'bridge']],
      ['gone', [], 'gone', ['gone']],
      ['none', [], 'none', ['none']],
    ];
    for (const [index, [mode, specs, kept, networks]] of modes.entries()) {
      const made = here.container(`c${index}`, {
        hostConfig: { NetworkMode: mode },
        networks: specs.map((network) => blankEndpointSpec(network, { aliases: [`of-${network}`] })),
      });
      expect([made.hostConfig.NetworkMode, made.networks.map(({ network }) => network)]).toEqual([
        kept,
        networks,
      ]);
    }
  });

  it('keeps what was asked of the network of its mode', () => {
    const here = world();
    here.network('net');
    const networks = [blankEndpointSpec('net', { aliases: ['www'], gwPriority: 3 })];
    const asked = here.container('asked', { hostConfig: { NetworkMode: 'net' }, networks });
    expect(asked.networks).toEqual(networks);
    expect(here.container('plain', { hostConfig: { NetworkMode: 'net' } }).networks).toEqual([
      blankEndpointSpec('net'),
    ]);
  });

  it('that joins another’s network has none of its own, and keeps the other by its id', () => {
    const here = world();
    const { id } = here.container('web');
    const side = here.container('side', {
      hostConfig: { NetworkMode: 'container:web' },
      networks: [blankEndpointSpec('bridge')],
    });
    expect([side.hostConfig.NetworkMode, side.networks]).toEqual([`container:${id}`, []]);
    const late = here.container('late', { hostConfig: { NetworkMode: 'container:gone' } });
    expect(late.hostConfig.NetworkMode).toBe('container:gone');
    expect(() => here.container('odd', { hostConfig: { NetworkMode: 'container:' } })).toThrow(
      'invalid name or ID',
    );
  });

  it('without a network is on none', () => {
    const config = { ...blankConfig, NetworkDisabled: true };
    expect(world().container('alone', { config }).networks).toEqual([blankEndpointSpec('none')]);
  });

  it('needs something to run, and a source for each link', () => {
    const here = world();
    const config = { ...blankConfig, Entrypoint: [''], Cmd: [] };
    expect(() => here.container('idle', { config })).toThrow('no command specified');
    expect(() => here.container('alone', { hostConfig: { Links: ['gone:db'] } })).toThrow(
      'could not get container for gone',
    );
  });

  it('has never run', () => {
    const { state, restartCount, sandboxId } = world().container('web');
    expect([state.status, state.pid, state.exitCode, restartCount, sandboxId]).toEqual([
      'created',
      0,
      0,
      0,
      '',
    ]);
    expect([state.startedAt, state.finishedAt]).toEqual(['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z']);
    expect([state.oomKilled, state.stoppedByUser, state.error]).toEqual([false, false, '']);
  });
});

describe('a container’s record', () => {
  it('keeps of its state what is not changed', () => {
    const made = world().container('web');
    const running = withState(withState(made, { status: 'running', pid: 7 }), { exitCode: 1 });
    expect(running.state).toMatchObject({ status: 'running', pid: 7, exitCode: 1 });
    expect(made.state.status).toBe('created');
  });
});

describe('a new name', () => {
  function running() {
    const here = world();
    here.network('net');
    const made = here.container('web', { hostConfig: { NetworkMode: 'net' } });
    here.model.apply(openSandbox(here.model, made, here.sandboxContext).changes);
    return { here, made: here.model.get('containers', made.id) ?? made };
  }

  it('is the container’s, and that of its places in networks', () => {
    const { here, made } = running();
    here.model.apply(renameContainer(here.model, made, '/www'));
    expect(here.model.containerByName('www')?.id).toBe(made.id);
    expect(here.model.containerByName('web')).toBeUndefined();
    const [endpoint] = here.model.endpointsOfSandbox(here.model.sandboxOfContainer(made.id)?.id ?? '');
    expect([endpoint?.name, endpoint?.dnsNames[0]]).toEqual(['www', 'www']);
    expect(endpoint?.dnsNames).not.toContain('web');
  });

  it('must be another, well formed, and free', () => {
    const { here, made } = running();
    here.container('other');
    const to = (name: string) => () => renameContainer(here.model, made, name);
    expect(to('/web')).toThrow('Renaming a container with the same name as its current name');
    expect(to('/other')).toThrow('Error when allocating new name: Conflict. The container name "/other"');
    expect(to('a b')).toThrow('Error when allocating new name: Invalid container name (/a b)');
  });
});
