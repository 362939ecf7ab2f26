/** docs/configuration.md: flags and `daemon.json`, from the table of settings and from what the code does with each. */
import { allSettings } from '../../../src/config/arguments.ts';
import type { DaemonConfig } from '../../../src/config/config.ts';
import { parseDaemonArguments } from '../../../src/config/daemon.ts';
import { defaultConfigFile } from '../../../src/config/defaults.ts';
import { usage } from '../../../src/config/help.ts';
import { liveConfig } from '../../../src/config/live.ts';
import { idleKeys, idleSettings, type Setting, settings } from '../../../src/config/settings.ts';
import { refuseUnsupported, unhonoured } from '../../../src/engine/unsupported.ts';
import { messageOf } from '../../../src/errors.ts';
import { code, markdownTable, pageOf } from './table.ts';

/** One value of each kind, as it is written on the command line and in the file; the test reads both. */
export const forms: Readonly<Record<string, { readonly text: string; readonly json: unknown }>> = {
  '': { text: 'true', json: true },
  bytes: { text: '64m', json: '64m' },
  int: { text: '1400', json: 1400 },
  ip: { text: '192.0.2.1', json: '192.0.2.1' },
  'ip list': { text: '192.0.2.1,2001:db8::1', json: ['192.0.2.1', '2001:db8::1'] },
  list: { text: 'a=b', json: ['a=b'] },
  map: { text: 'max-size=10m', json: { 'max-size': '10m' } },
  features: { text: 'name=true', json: { name: true } },
  mapmap: {
    text: 'bridge=com.docker.network.driver.mtu=1400',
    json: { bridge: { 'com.docker.network.driver.mtu': '1400' } },
  },
  'pool-options': { text: 'base=10.0.0.0/8,size=24', json: [{ base: '10.0.0.0/8', size: 24 }] },
  runtime: { text: 'name=/usr/bin/runc', json: { name: { path: '/usr/bin/runc', runtimeArgs: [] } } },
  string: { text: 'text', json: 'text' },
  ulimit: { text: 'nofile=1024:2048', json: { nofile: { Name: 'nofile', Soft: 1024, Hard: 2048 } } },
};

export function formOf({ flag, kind }: Setting<unknown>): string {
  if (flag === 'feature') return 'features';
  return flag === 'host-gateway-ip' ? 'ip list' : kind.label;
}

/** Command lines that are refused by name, and command lines that are accepted without an effect. */
const refused = [
  '--tls',
  '--tlsverify',
  '--default-runtime=crun',
  '--exec-opt=native.cgroupdriver=systemd',
  '--log-driver=syslog',
  '--userns-remap=default',
  '--selinux-enabled',
  '--rootless',
  '--authorization-plugin=authz',
];
const idle = [
  '--registry-mirror=https://mirror.example',
  '--log-format=json',
  '--add-runtime=other=/usr/bin/runc',
  '--max-concurrent-downloads=5',
  '--max-download-attempts=9',
  '--shutdown-timeout=20',
  '--feature=name=true',
  '--node-generic-resource=gpu=1',
];

const parse = (...argv: string[]): DaemonConfig => parseDaemonArguments(argv, () => undefined);

/** Why the engine does not start with it. */
export function refusalOf(argument: string): string {
  try {
    refuseUnsupported(parse(argument));
  } catch (error) {
    return messageOf(error);
  }
  throw new Error(`${argument} is not refused`);
}

function idleFlag(argument: string): string {
  const flag = argument.slice(2).split('=')[0] ?? '';
  if (!unhonoured(parse(argument)).includes(flag)) throw new Error(`${argument} has an effect`);
  return flag;
}

/** Settings by the name that `DaemonConfig` has for them; those that SIGHUP changes. */
function reloaded(): ReadonlySet<string> {
  const config = parse();
  const other = Object.fromEntries(Object.keys(config).map((name) => [name, 'another']));
  // every field differs, so that all are named that wait for a restart
  const waiting = new Set(liveConfig(config).reload(other as unknown as DaemonConfig));
  return new Set(Object.keys(config).filter((name) => !waiting.has(name) && name !== 'ignored'));
}

const plain = (value: unknown): string => {
  if (typeof value === 'boolean' || typeof value === 'number') return String(value);
  if (typeof value === 'string') return value;
  return Array.isArray(value) && value.every((each) => typeof each === 'string') ? value.join(', ') : '';
};

function defaultOf(name: string): string {
  const config = parse();
  const places: readonly object[] = [config, config.bridge, config.proxies, config.swarm];
  const place = places.find((each) => name in each && typeof Reflect.get(each, name) !== 'object');
  if (place) return plain(Reflect.get(place, name));
  return plain(Reflect.get(config, name));
}

/** `bridge` is a group of settings in `DaemonConfig`; an MTU of 0 is that of the uplink. */
const withoutDefault: ReadonlySet<string> = new Set(['bridge', 'mtu']);

function settingRows(): string[][] {
  const live = reloaded();
  const without = new Set([...idle.map(idleFlag), 'live-restore']);
  return Object.entries(settings as Readonly<Record<string, Setting<unknown>>>)
    .sort(([, a], [, b]) => (a.flag < b.flag ? -1 : 1))
    .map(([name, setting]) => [
      code(`--${setting.flag}`) + (setting.short ? `, ${code(`-${setting.short}`)}` : ''),
      code(setting.key),
      formOf(setting) || 'switch',
      code(withoutDefault.has(name) ? '' : defaultOf(name)),
      setting.help.replace(/ \(default [^)]*\)/, ''),
      without.has(setting.flag) ? 'no effect' : live.has(name) ? 'SIGHUP' : 'restart',
    ]);
}

/** Flags of the program itself: what `--help` lists and the table of settings has not. */
function programRows(): string[][] {
  const known = new Set(allSettings.map(({ flag }) => flag));
  return usage()
    .split('\n')
    .map((line) => /^ {2}(?:-(\w), | {4})--([\w-]+) ?(\S*) +(.*)$/.exec(line) ?? [])
    .filter(([, , flag]) => flag !== undefined && !known.has(flag))
    .map(([, short, flag = '', , help = '']) => [
      code(`--${flag}`) + (short ? `, ${code(`-${short}`)}` : ''),
      help,
    ]);
}

export const configurationPage = (): string =>
  pageOf([
    '# Flags and daemon.json',
    `\`seawayd\` takes dockerd's flags and its configuration file, \`${defaultConfigFile}\` by default
(\`--config-file\` names another). A setting that is given in both places is an error, as is an unknown one.
\`seawayd --validate\` reads the settings, says what is wrong with them, and ends. This page is generated from
\`src/config/settings.ts\`: \`UPDATE_GOLDEN=1 vitest run test/golden/references.test.ts\`.`,
    markdownTable(['flag of the program', 'meaning'], programRows()),
    '## Settings',
    `The last column says when a new value holds. **SIGHUP**: a running engine takes it over when it gets that signal
(\`systemctl reload seaway\`). **Restart**: at the next start of the engine; containers keep running. **No effect**: the
setting is accepted. Of these, \`--live-restore\` never had one: containers always outlive the engine. The others are named in the log at start-up. An empty default means that the host or Docker's
rules decide.`,
    markdownTable(['flag', 'key in the file', 'form', 'default', 'meaning', 'takes effect'], settingRows()),
    '## Forms',
    `Flags of these forms may be repeated: list, ip list, map, features, mapmap, pool-options, runtime, ulimit. In the file
they are one array or object.`,
    markdownTable(
      ['form', 'on the command line', 'in the file'],
      Object.entries(forms).map(([name, { text, json }]) => [
        name || 'switch',
        code(name === '' ? '--flag, --flag=false' : text),
        code(JSON.stringify(json)),
      ]),
    ),
    '## Refused',
    'The engine refuses to start with these:',
    markdownTable(
      ['setting', 'message'],
      refused.map((argument) => [code(argument), refusalOf(argument)]),
    ),
    '## Accepted without a use',
    `Flags of dockerd that have no use here are accepted and named in the log, and so
are the keys ${idleKeys.map(code).join(' and ')} of the file:

${idleSettings.map(({ flag }) => `- ${code(`--${flag}`)}`).join('\n')}`,
    '## Environment',
    markdownTable(
      ['variable', 'effect'],
      [
        [code('DOCKER_INSECURE_NO_IPTABLES_RAW=1'), 'no rules in the table `raw`, as with dockerd'],
        [code('SEAWAY_SOURCE=1'), '`bin/seawayd` runs from `src/` and not from `dist/`'],
        [code('SEAWAY_HOST, DOCKER_HOST'), 'the engine that `bin/seaway` speaks to'],
      ],
    ),
  ]);
