/** The table of all commands: name, summary, and a function that loads the command. */
import { container, type Entry, image, inGroup, plain, system } from './entry.ts';
import { swarmEntries, swarmGroups } from './swarm-entries.ts';

const network = inGroup('network');
const cluster = inGroup('cluster');
const plugin = inGroup('plugin');
const port = inGroup('port');
const policy = inGroup('policy');
const volume = inGroup('volume');

export const entries: readonly Entry[] = [
  container(
    'attach',
    'Attach local standard input, output, and error streams to a running container',
    () => import('./commands/container/attach.ts'),
  ),
  container(
    'commit',
    "Create a new image from a container's changes",
    () => import('./commands/container/commit.ts'),
  ),
  container(
    'cp',
    'Copy files/folders between a container and the local filesystem',
    () => import('./commands/container/cp.ts'),
  ),
  container('create', 'Create a new container', () => import('./commands/container/create.ts')),
  container(
    'diff',
    "Inspect changes to files or directories on a container's filesystem",
    () => import('./commands/container/diff.ts'),
  ),
  container('exec', 'Execute a command in a running container', () => import('./commands/container/exec.ts')),
  container(
    'export',
    "Export a container's filesystem as a tar archive",
    () => import('./commands/container/export.ts'),
  ),
  container(
    'inspect',
    'Display detailed information on one or more containers',
    () => import('./commands/container/inspect.ts'),
    { plain: '' },
  ),
  container('kill', 'Kill one or more running containers', () => import('./commands/container/kill.ts')),
  container('logs', 'Fetch the logs of a container', () => import('./commands/container/logs.ts')),
  container('ls', 'List containers', () => import('./commands/container/ls.ts'), {
    also: ['list', 'ps'],
    plain: 'ps',
  }),
  container(
    'pause',
    'Pause all processes within one or more containers',
    () => import('./commands/container/pause.ts'),
  ),
  container(
    'port',
    'List port mappings or a specific mapping for the container',
    () => import('./commands/container/port.ts'),
  ),
  container('prune', 'Remove all stopped containers', () => import('./commands/container/prune.ts'), {
    plain: '',
  }),
  container('rename', 'Rename a container', () => import('./commands/container/rename.ts')),
  container('restart', 'Restart one or more containers', () => import('./commands/container/restart.ts')),
  container('rm', 'Remove one or more containers', () => import('./commands/container/rm.ts'), {
    also: ['remove'],
  }),
  container(
    'run',
    'Create and run a new container from an image',
    () => import('./commands/container/run.ts'),
  ),
  container('start', 'Start one or more stopped containers', () => import('./commands/container/start.ts')),
  container(
    'stats',
    'Display a live stream of container(s) resource usage statistics',
    () => import('./commands/container/stats.ts'),
  ),
  container('stop', 'Stop one or more running containers', () => import('./commands/container/stop.ts')),
  container(
    'top',
    'Display the running processes of a container',
    () => import('./commands/container/top.ts'),
  ),
  container(
    'unpause',
    'Unpause all processes within one or more containers',
    () => import('./commands/container/unpause.ts'),
  ),
  container(
    'update',
    'Update configuration of one or more containers',
    () => import('./commands/container/update.ts'),
  ),
  container(
    'wait',
    'Block until one or more containers stop, then print their exit codes',
    () => import('./commands/container/wait.ts'),
  ),

  image('history', 'Show the history of an image', () => import('./commands/image/history.ts'), 'history'),
  image(
    'import',
    'Import the contents from a tarball to create a filesystem image',
    () => import('./commands/image/import.ts'),
    'import',
  ),
  image(
    'inspect',
    'Display detailed information on one or more images',
    () => import('./commands/image/inspect.ts'),
  ),
  image(
    'load',
    'Load an image from a tar archive or STDIN',
    () => import('./commands/image/load.ts'),
    'load',
  ),
  image('ls', 'List images', () => import('./commands/image/ls.ts'), 'images', ['list']),
  image('prune', 'Remove unused images', () => import('./commands/image/prune.ts')),
  image('pull', 'Download an image from a registry', () => import('./commands/image/pull.ts'), 'pull'),
  image('push', 'Upload an image to a registry', () => import('./commands/image/push.ts'), 'push'),
  image('rm', 'Remove one or more images', () => import('./commands/image/rm.ts'), 'rmi', ['remove']),
  image(
    'save',
    'Save one or more images to a tar archive (streamed to STDOUT by default)',
    () => import('./commands/image/save.ts'),
    'save',
  ),
  image(
    'tag',
    'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE',
    () => import('./commands/image/tag.ts'),
    'tag',
  ),

  network('connect', 'Connect a container to a network', () => import('./commands/network/connect.ts')),
  network('create', 'Create a network', () => import('./commands/network/create.ts')),
  network(
    'disconnect',
    'Disconnect a container from a network',
    () => import('./commands/network/disconnect.ts'),
  ),
  network(
    'inspect',
    'Display detailed information on one or more networks',
    () => import('./commands/network/inspect.ts'),
  ),
  network('ls', 'List networks', () => import('./commands/network/ls.ts'), ['list']),
  network('prune', 'Remove all unused networks', () => import('./commands/network/prune.ts')),
  network('rate', "Limit a container's rates on a network", () => import('./commands/network/rate.ts')),
  network('rm', 'Remove one or more networks', () => import('./commands/network/rm.ts'), ['remove']),

  plugin(
    'create',
    'Create a plugin from a rootfs and configuration. Plugin data directory must contain config.json and rootfs directory.',
    () => import('./commands/plugin/create.ts'),
  ),
  plugin('disable', 'Disable a plugin', () => import('./commands/plugin/disable.ts')),
  plugin('enable', 'Enable a plugin', () => import('./commands/plugin/enable.ts')),
  plugin(
    'inspect',
    'Display detailed information on one or more plugins',
    () => import('./commands/plugin/inspect.ts'),
  ),
  plugin('install', 'Install a plugin', () => import('./commands/plugin/install.ts')),
  plugin('ls', 'List plugins', () => import('./commands/plugin/ls.ts'), ['list']),
  plugin('push', 'Push a plugin to a registry', () => import('./commands/plugin/push.ts')),
  plugin('rm', 'Remove one or more plugins', () => import('./commands/plugin/rm.ts'), ['remove']),
  plugin('set', 'Change settings for a plugin', () => import('./commands/plugin/set.ts')),
  plugin('upgrade', 'Upgrade an existing plugin', () => import('./commands/plugin/upgrade.ts')),

  cluster(
    'forget',
    'Give up hosts that do not return, with their endpoints and addresses',
    () => import('./commands/cluster/forget.ts'),
  ),
  cluster('ls', 'List the hosts that share networks', () => import('./commands/cluster/ls.ts'), ['list']),

  port('add', 'Publish ports of a container', () => import('./commands/port/add.ts')),
  port('ls', 'List published ports', () => import('./commands/port/ls.ts'), ['list']),
  port('rm', 'Take published ports back', () => import('./commands/port/rm.ts'), ['remove']),
  policy('apply', 'Create or change policies from a document', () => import('./commands/policy/apply.ts')),
  policy(
    'inspect',
    'Display detailed information on one or more policies',
    () => import('./commands/policy/inspect.ts'),
  ),
  policy('ls', 'List policies', () => import('./commands/policy/ls.ts'), ['list']),
  policy('rm', 'Remove one or more policies', () => import('./commands/policy/rm.ts'), ['remove']),
  policy('test', 'Say which rule decides about a connection', () => import('./commands/policy/test.ts')),

  volume('create', 'Create a volume', () => import('./commands/volume/create.ts')),
  volume(
    'inspect',
    'Display detailed information on one or more volumes',
    () => import('./commands/volume/inspect.ts'),
  ),
  volume('ls', 'List volumes', () => import('./commands/volume/ls.ts'), ['list']),
  volume('prune', 'Remove unused local volumes', () => import('./commands/volume/prune.ts')),
  volume('rm', 'Remove one or more volumes', () => import('./commands/volume/rm.ts'), ['remove']),

  system(
    'capture',
    'Show or write packets of a container, network, published port or link',
    () => import('./commands/system/capture.ts'),
    'capture',
  ),
  system('df', 'Show disk usage', () => import('./commands/system/df.ts')),
  system(
    'events',
    'Get real time events from the server',
    () => import('./commands/system/events.ts'),
    'events',
  ),
  system('info', 'Display system-wide information', () => import('./commands/system/info.ts'), 'info'),
  system('prune', 'Remove unused data', () => import('./commands/system/prune.ts')),
  system(
    'trace',
    'Show what the engine does, request by request, and why',
    () => import('./commands/system/trace.ts'),
    'trace',
  ),

  ...swarmEntries,

  plain('doctor', 'Find what is wrong with networks and their host', () => import('./commands/doctor.ts')),
  plain(
    'explain',
    'Tell whether one end reaches another, and why not',
    () => import('./commands/explain.ts'),
  ),
  plain('inspect', 'Return low-level information on Docker objects', () => import('./commands/inspect.ts')),
  plain('login', 'Authenticate to a registry', () => import('./commands/login.ts')),
  plain('logout', 'Log out from a registry', () => import('./commands/logout.ts')),
  plain('ui', 'Open the page that draws the network', () => import('./commands/ui.ts')),
  plain('version', 'Show the version information', () => import('./commands/version.ts')),
  plain(
    'completion',
    'Generate a completion script for bash, zsh or fish',
    () => import('./commands/completion.ts'),
  ),
];

export const groups: Readonly<Record<string, string>> = {
  cluster: 'Manage the hosts that share networks',
  container: 'Manage containers',
  image: 'Manage images',
  network: 'Manage networks',
  port: 'Publish ports of containers, and take them back',
  plugin: 'Manage plugins',
  policy: 'Manage policies between containers',
  system: 'Manage the engine',
  volume: 'Manage volumes',
  ...swarmGroups,
};

/** All full names of a command, its plain one last. */
export function namesOf(entry: Entry): readonly string[] {
  return [entry.path.join(' '), ...entry.also];
}

export type Found =
  | {
      readonly kind: 'command';
      readonly entry: Entry;
      readonly name: readonly string[];
      readonly words: readonly string[];
    }
  | { readonly kind: 'group'; readonly group: string; readonly words: readonly string[] }
  | { readonly kind: 'unknown'; readonly name: readonly string[] };

/** The command that the words name, and the words that are left for it. `port` is a group and docker's command. */
export function find(words: readonly string[]): Found {
  const [first = '', second = '', ...rest] = words;
  const own = entryOf(first);
  if (Object.hasOwn(groups, first) && (own === undefined || entryOf(`${first} ${second}`))) {
    if (second === '' || second.startsWith('-'))
      return { kind: 'group', group: first, words: words.slice(1) };
    const entry = entryOf(`${first} ${second}`);
    return entry === undefined
      ? { kind: 'unknown', name: [first, second] }
      : { kind: 'command', entry, name: [first, second], words: rest };
  }
  return own === undefined
    ? { kind: 'unknown', name: [first] }
    : { kind: 'command', entry: own, name: [first], words: words.slice(1) };
}

const entryOf = (name: string): Entry | undefined => entries.find((entry) => namesOf(entry).includes(name));
