import { describe, expect, it, vi } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { blankConfig } from './blank.ts';
import type { HostConfig, PortBinding } from './container.ts';
import { publishPorts, unpublishPorts } from './live-ports.ts';
import { parseUnwanted } from './port-ranges.ts';
import { publishedSpecs, specsOf } from './port-specs.ts';
import { openSandbox } from './sandboxes.ts';

type Bindings = HostConfig['PortBindings'];

/** A container that publishes these, running or not. */
function host(bindings: Bindings, { runs = true, ...more }: { runs?: boolean } & Partial<HostConfig> = {}) {
  const here = world();
  const { model, sandboxContext } = here;
  const { id } = here.container('web', { hostConfig: { PortBindings: bindings, ...more } });
  const container = () => {
    const found = model.get('containers', id);
    if (!found) throw new Error('no container');
    return found;
  };
  if (runs) model.apply(openSandbox(model, container(), sandboxContext).changes);
  return {
    ...here,
    add: (asked: Bindings) => {
      const made = publishPorts(model, { container: container(), specs: specsOf(asked) }, sandboxContext);
      model.apply(made.changes);
      return made.ports.map(({ hostPort, containerPort }) => `${hostPort}>${containerPort}`);
    },
    remove: (...asked: readonly string[]) => {
      const unwanted = asked.map(parseUnwanted);
      const made = unpublishPorts(model, { container: container(), unwanted });
      model.apply(made.changes);
      return made.ports.map(({ hostPort, containerPort }) => `${hostPort}>${containerPort}`);
    },
    asked: () => container().hostConfig.PortBindings,
    specs: () => publishedSpecs(container()).length,
    published: () =>
      (model.sandboxOfContainer(id)?.ports ?? []).map(
        ({ hostPort, containerPort, protocol }) => `${hostPort}>${containerPort}/${protocol}`,
      ),
  };
}

const on = (HostPort: string, HostIp = ''): readonly PortBinding[] => [{ HostIp, HostPort }];

describe('a container that runs', () => {
  it('publishes one more, and the others stay', () => {
    const web = host({ '80/tcp': on('8080'), '81/tcp': [{}] });
    expect(web.add({ '53/udp': on('5353') })).toEqual(['5353>53']);
    expect(web.published()).toEqual(['8080>80/tcp', '32768>81/tcp', '5353>53/udp']);
    expect(web.asked()).toEqual({ '80/tcp': on('8080'), '81/tcp': [{}], '53/udp': on('5353') });
  });

  it('publishes one port of it twice', () => {
    const web = host({ '80/tcp': on('8080') });
    expect(web.add({ '80/tcp': on('8081') })).toEqual(['8081>80']);
    expect(web.published()).toEqual(['8080>80/tcp', '8081>80/tcp']);
  });

  it('takes one back, and the others stay', () => {
    const web = host({ '80/tcp': [...on('8080'), ...on('8081')], '81/tcp': [{}, {}] });
    expect(web.published()).toEqual(['8080>80/tcp', '8081>80/tcp', '32768>81/tcp', '32769>81/tcp']);
    expect(web.remove('32768')).toEqual(['32768>81']);
    expect(web.remove('8080')).toEqual(['8080>80']);
    expect(web.published()).toEqual(['8081>80/tcp', '32769>81/tcp']);
    expect(web.asked()).toEqual({ '80/tcp': on('8081'), '81/tcp': [{}] });
  });

  it('takes back the port of its protocol alone, and a range of them', () => {
    const web = host({});
    web.add({ '80/tcp': on('8000'), '80/udp': on('8000'), '81/udp': on('8001'), '82/udp': on('8002') });
    web.remove('8000-8001/udp');
    expect(web.published()).toEqual(['8000>80/tcp', '8002>82/udp']);
  });

  it('takes back what -P has published, one by one', () => {
    const here = world();
    const made = here.container('web', {
      config: { ...blankConfig, ExposedPorts: { '1/tcp': {}, '2/tcp': {} } },
      hostConfig: { PublishAllPorts: true },
    });
    here.model.apply(openSandbox(here.model, made, here.sandboxContext).changes);
    const container = here.model.get('containers', made.id) ?? made;
    const { changes } = unpublishPorts(here.model, { container, unwanted: [parseUnwanted('32768')] });
    here.model.apply(changes);
    const ports = here.model.sandboxOfContainer(made.id)?.ports ?? [];
    expect(ports.map(({ hostPort }) => hostPort)).toEqual([32769]);
  });

  it('keeps all where one of the ports to go is not published', () => {
    const web = host({ '80/tcp': on('8080') });
    for (const asked of ['8081', '8080/udp', '127.0.0.1:8080', '8080-8081'])
      expect(() => web.remove('8080', asked)).toThrow(/^No public port '.*' published for web$/);
    expect(web.published()).toEqual(['8080>80/tcp']);
  });

  it('is refused a port that is taken, by itself or by another', () => {
    const web = host({ '80/tcp': on('8080') });
    expect(() => web.add({ '81/tcp': on('8080') })).toThrow('Bind for 0.0.0.0:8080 failed');
    expect(() => web.add({ '81/tcp': on('9000'), '82/tcp': on('9000') })).toThrow(
      'port is already allocated',
    );
    const other = web.container('other', { hostConfig: { PortBindings: { '80/tcp': on('7000') } } });
    web.model.apply(openSandbox(web.model, other, web.sandboxContext).changes);
    expect(() => web.add({ '81/tcp': on('7000') })).toThrow('Bind for 0.0.0.0:7000 failed');
    expect(web.published()).toEqual(['8080>80/tcp']);
  });
});

describe('a container that does not run', () => {
  it('publishes them at its start, as it would with -p', () => {
    const web = host({ '80/tcp': on('8080') }, { runs: false });
    expect(web.add({ '81/tcp': on('8081') })).toEqual([]);
    expect(web.asked()).toEqual({ '80/tcp': on('8080'), '81/tcp': on('8081') });
    web.remove('8080');
    expect(web.asked()).toEqual({ '81/tcp': on('8081') });
    expect(() => web.add({ '82/tcp': on('9-8') })).toThrow('invalid port specification: "9-8"');
    expect(() => web.add({ '82/tcp': on('8081', '127.0.0.1') })).toThrow('Bind for 127.0.0.1:8081 failed');
  });

  it('tells which requests go, those of -P that stay not among them', () => {
    const here = world();
    const container = here.container('web', {
      config: { ...blankConfig, ExposedPorts: { '1/tcp': {} } },
      hostConfig: { PublishAllPorts: true, PortBindings: { '80/tcp': on('8080') } },
    });
    const unwanted = [parseUnwanted('8080')];
    const { specs } = unpublishPorts(here.model, { container, unwanted });
    expect(specs.map(({ containerPort }) => containerPort)).toEqual([80]);
  });

  it('takes back a range of which any port would do, by its words alone', () => {
    const web = host({ '80/tcp': on('8000-8009') }, { runs: false });
    expect(() => web.remove('8000')).toThrow('No public port');
    web.remove('8000-8009');
    expect(web.specs()).toBe(0);
  });
});

it.each([
  ['host', "in the host's network"],
  ['none', 'it has no network'],
  ['container:other', 'in the network of another container'],
])('a container of the network mode %s is refused', (NetworkMode, why) => {
  const web = host({}, { runs: false, NetworkMode });
  expect(() => web.add({ '80/tcp': on('8080') })).toThrow(why);
  expect(() => web.remove('8080')).toThrow(why);
});

it.each(['0', '65536', 'x', '8080/icmp', '8080/tcp/udp', '9-8', ''])('%j is no port of the host', (text) => {
  expect(() => parseUnwanted(text)).toThrow(/invalid/);
});

describe('a container with many ports', () => {
  const many = Array.from({ length: 600 }, (_, n) => ({ HostIp: '', HostPort: String(10_000 + n) }));

  it('publishes one more without choosing the others again', () => {
    const web = host({ '80/tcp': many });
    const conflict = vi.spyOn(web.model.ports, 'conflict');
    expect(web.add({ '81/tcp': on('9000') })).toEqual(['9000>81']);
    expect(conflict.mock.calls.length).toBeLessThan(10);
    expect(web.published()).toHaveLength(601);
  });

  it('gives a free port that none of them has', () => {
    const web = host({ '80/tcp': many });
    expect(web.add({ '81/tcp': on('10000-10600', '127.0.0.1') })).toEqual(['10600>81']);
  });

  it('takes back hundreds one by one, each once', () => {
    const web = host({ '80/tcp': many, '81/tcp': [{}, {}] });
    const gone = Array.from({ length: 300 }, (_, n) => String(10_599 - 2 * n));
    expect(new Set(web.remove(...gone, '32768'))).toHaveLength(301);
    expect(web.asked()['80/tcp']).toEqual(many.filter((_, n) => n % 2 === 0));
    expect(web.asked()['81/tcp']).toEqual([{}]);
    expect(() => web.remove('32768')).toThrow('32768');
    expect(() => web.remove('10000', '10000')).toThrow('10000');
  });
});
