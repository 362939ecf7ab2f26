import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Context } from '../context.ts';
import { networksOf } from './convert-objects.ts';
import { convertService } from './convert-service.ts';
import { interpolateText } from './interpolate.ts';
import { loadCompose } from './load.ts';
import { Namespace, objectOf } from './namespace.ts';
import { parseVolume } from './volume.ts';
import { type JsonObject, parseYaml, yamlText } from './yaml.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'seaway-compose-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The configuration that these files make. */
async function load(
  ...texts: readonly string[]
): Promise<{ config: JsonObject; warnings: readonly string[] }> {
  const names: string[] = [];
  for (const [at, text] of texts.entries()) {
    names.push(join(folder, `${at}.yml`));
    await writeFile(names.at(-1) ?? '', text);
  }
  return loadCompose({ env: { HOME: '/home/me', TAG: '7' } } as unknown as Context, names);
}

const serviceOf = async (text: string): Promise<JsonObject> =>
  objectOf(objectOf((await load(`services: { a: { image: x, ${text} } }`)).config.services).a);

describe('YAML', () => {
  it('has octal modes, and no yes', () => {
    expect(parseYaml('mode: 0440\nyes: yes\nlist: [1, "1"]')).toEqual({
      mode: 288,
      yes: 'yes',
      list: [1, '1'],
    });
  });

  it('is refused where it cannot be a Compose file', () => {
    expect(() => parseYaml('[]')).toThrow('top-level object must be a mapping');
    expect(() => parseYaml('a: {5: 6}')).toThrow('non-string key in a mapping: 5');
    expect(() => parseYaml('a: [')).toThrow('yaml: line ');
  });

  it('is written with quotes where another reader would take a text for something else', () => {
    const texts = { a: '5', b: 'y', c: '@x', d: '1.1.1.1', e: '1:30', f: '.', g: 'plain text' };
    expect(yamlText({ x: texts })).toBe(
      `x:\n  a: "5"\n  b: "y"\n  c: '@x'\n  d: 1.1.1.1\n  e: "1:30"\n  f: .\n  g: plain text\n`,
    );
  });
});

describe('variables', () => {
  const known = { A: 'a', EMPTY: '' };

  it.each([
    [`$A \${A} $$A`, 'a a $A'],
    [`\${B-x}\${EMPTY-x}`, 'x'],
    [`\${B:-x}\${EMPTY:-y}`, 'xy'],
    ['$B', ''],
  ])('%s', (text, value) => {
    expect(interpolateText(text, 'services.a.image', known)).toBe(value);
  });

  it.each([`\${A`, '$', `\${}`, `\${B?why}`, `\${EMPTY:?why}`])('%s is refused', (text) => {
    expect(() => interpolateText(text, 'services.a.image', known)).toThrow(
      'invalid interpolation format for services.a.image',
    );
  });

  it('become numbers and truths where those are wanted', async () => {
    const own = await serviceOf(`deploy: { replicas: "\${N:-3}" }, tty: "\${T:-true}", hostname: "\${N:-5}"`);
    expect(own).toMatchObject({ deploy: { replicas: 3 }, tty: true, hostname: '5' });
  });
});

describe('a service', () => {
  it.each([
    ['odd: 1', 'services.a Additional property odd is not allowed'],
    ['ports: x', 'services.a.ports must be a list'],
    ['deploy: { replicas: x }', 'services.a.deploy.replicas must be a integer'],
    ['stop_grace_period: x', "services.a.stop_grace_period Does not match format 'duration'"],
    ['labels: { a: true }', 'services.a.labels.a must be a string, number or null'],
    ['ulimits: { core: { soft: 1 } }', 'services.a.ulimits.core hard is required'],
    ['mem_limit: 5', 'Configuration contains forbidden properties'],
  ])('with %s is refused', async (text, why) => {
    await expect(serviceOf(text)).rejects.toThrow(why);
  });

  it('has long forms of all that is short', async () => {
    const own = await serviceOf(
      'command: "a \'b c\'", ports: ["8080:80/udp"], volumes: ["./d:/d:ro", "~/h:/h"], env_file: e, environment: [TAG, B=1], extra_hosts: ["h=[::1]"], stop_grace_period: 90s, deploy: { resources: { limits: { memory: 1g } } }',
    ).catch((thrown: unknown) => thrown);
    expect(String(own)).toContain(`open ${join(folder, 'e')}: no such file`);
    await writeFile(join(folder, 'e'), '# no\nC=2\nTAG\n');
    expect(
      await serviceOf(
        'command: "a \'b c\'", ports: ["8080:80/udp"], volumes: ["./d:/d:ro", "~/h:/h"], env_file: e, environment: [TAG, B=1], extra_hosts: ["h=[::1]"], stop_grace_period: 90s, deploy: { resources: { limits: { memory: 1g } } }',
      ),
    ).toEqual({
      image: 'x',
      command: ['a', 'b c'],
      ports: [{ mode: 'ingress', target: 80, published: 8080, protocol: 'udp' }],
      volumes: [
        { type: 'bind', source: join(folder, 'd'), target: '/d', read_only: true },
        { type: 'bind', source: '/home/me/h', target: '/h' },
      ],
      environment: { B: '1', C: '2', TAG: '7' },
      extra_hosts: ['h:::1'],
      stop_grace_period: '1m30s',
      deploy: { resources: { limits: { memory: '1073741824' } } },
    });
  });

  it('of a later file is laid over that of an earlier one', async () => {
    const { config } = await load(
      'services: { a: { image: x, command: a, ports: ["80:80"], dns: [1.1.1.1], labels: { a: b } } }',
      'services: { a: { command: b, ports: ["80:81", "70:7"], dns: [2.2.2.2], labels: { c: d } }, b: { image: "y" } }',
    );
    const { a, b } = objectOf(config.services);
    expect(a).toMatchObject({
      ...{ image: 'x', command: ['b'], dns: ['1.1.1.1', '2.2.2.2'], labels: { a: 'b', c: 'd' } },
      ports: [{ published: 70 }, { published: 80, target: 81 }],
    });
    expect(b).toEqual({ image: 'y' });
  });

  it('tells of fields that have no effect', async () => {
    const { warnings } = await load(
      'services: { a: { image: x, links: [b], container_name: n, ports: ["127.0.0.1:80:80"] } }',
    );
    expect(warnings.map((each) => each.split('\n')[0])).toEqual([
      "ignoring IP-address (127.0.0.1:80:80) service will listen on '0.0.0.0'",
      'Ignoring unsupported options: links',
      'Ignoring deprecated options:',
    ]);
  });
});

describe('a stack', () => {
  it.each([
    ['/a', { type: 'volume', target: '/a' }],
    ['v:/a:nocopy', { type: 'volume', source: 'v', target: '/a', volume: { nocopy: true } }],
    ['/s:/a:rshared', { type: 'bind', source: '/s', target: '/a', bind: { propagation: 'rshared' } }],
  ])('has the volume %s', (text, volume) => {
    expect(parseVolume(text)).toEqual(volume);
  });

  it('names all objects by its own name, and those outside by theirs', async () => {
    const { config } = await load(`
services:
  a: { image: x, networks: [in, out], volumes: ["v:/v"] }
networks: { in: , out: { external: true, name: lan } }
volumes: { v: }
`);
    const namespace = new Namespace('shop');
    const { own, external } = networksOf(config, namespace);
    expect([...own.keys(), ...external]).toEqual(['shop_in', 'lan']);
    const service = objectOf(objectOf(config.services).a);
    const spec = convertService(service, { name: 'a', namespace, config, secrets: [], configs: [] });
    expect(spec).toMatchObject({
      Name: 'shop_a',
      Labels: { 'com.docker.stack.namespace': 'shop', 'com.docker.stack.image': 'x' },
      TaskTemplate: {
        Networks: [
          { Target: 'lan', Aliases: ['a'] },
          { Target: 'shop_in', Aliases: ['a'] },
        ],
        ContainerSpec: { Mounts: [{ Source: 'shop_v', VolumeOptions: { NoCopy: false } }] },
      },
      Mode: { Replicated: {} },
    });
  });
});
