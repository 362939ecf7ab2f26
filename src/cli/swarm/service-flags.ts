/** The flags of `service create`, and those that `service update` shares with it. */
import { searchDomain } from '../../flags/search-domain.ts';
import { parseUlimit } from '../../flags/ulimit.ts';
import {
  bytesFlag,
  durationFlag,
  type FlagValues,
  intFlag,
  listFlag,
  parsedListFlag,
  switchFlag,
  textFlag,
} from '../flags/flag.ts';
import { labelText, namedVariable } from '../spec/container-flags.ts';
import { parseDns, parseExtraHost } from '../spec/hosts.ts';
import { parseMount } from '../spec/mounts.ts';
import { parseNetwork } from '../spec/networks.ts';
import { parseFileReference } from './file-references.ts';
import {
  commandFlag,
  cpuFlag,
  credentialFlag,
  floatFlag,
  parseGenericResource,
  parsePreference,
  positiveDurationFlag,
  uintFlag,
} from './flags.ts';
import { parseServicePort } from './ports.ts';

/** Whether the values of flags that are not given are named in the help. */
type Describe = (help: string, initial: string) => string;

const limits = {
  limitCpu: cpuFlag('limit-cpu', 'Limit CPUs'),
  limitMemory: bytesFlag('limit-memory', 'Limit Memory'),
  limitPids: intFlag('limit-pids', 'Limit maximum number of processes (default 0 = unlimited)'),
  reserveCpu: cpuFlag('reserve-cpu', 'Reserve CPUs'),
  reserveMemory: bytesFlag('reserve-memory', 'Reserve Memory'),
  oomScoreAdj: intFlag('oom-score-adj', "Tune host's OOM preferences (-1000 to 1000)"),
};

const counts = {
  replicas: uintFlag('replicas', 'Number of tasks'),
  maxConcurrent: uintFlag(
    'max-concurrent',
    'Number of job tasks to run concurrently (default equal to --replicas)',
  ),
  maxReplicas: uintFlag('replicas-max-per-node', 'Maximum number of tasks per node (default 0 = unlimited)'),
};

const health = {
  healthCmd: textFlag('health-cmd', 'Command to run to check health'),
  healthInterval: positiveDurationFlag('health-interval', 'Time between running the check (ms|s|m|h)'),
  healthTimeout: positiveDurationFlag('health-timeout', 'Maximum time to allow one check to run (ms|s|m|h)'),
  healthRetries: intFlag('health-retries', 'Consecutive failures needed to report unhealthy'),
  healthStartPeriod: positiveDurationFlag(
    'health-start-period',
    'Start period for the container to initialize before counting retries towards unstable (ms|s|m|h)',
  ),
  healthStartInterval: positiveDurationFlag(
    'health-start-interval',
    'Time between running the check during the start period (ms|s|m|h)',
  ),
  noHealthcheck: switchFlag('no-healthcheck', 'Disable any container-specified HEALTHCHECK'),
};

const process = {
  workdir: textFlag('workdir', 'Working directory inside the container', { short: 'w' }),
  user: textFlag('user', 'Username or UID (format: <name|uid>[:<group|gid>])', { short: 'u' }),
  credentialSpec: credentialFlag,
  hostname: textFlag('hostname', 'Container hostname'),
  entrypoint: commandFlag('entrypoint', 'Overwrite the default ENTRYPOINT of the image'),
  capAdd: listFlag('cap-add', 'Add Linux capabilities'),
  capDrop: listFlag('cap-drop', 'Drop Linux capabilities'),
  init: switchFlag('init', 'Use an init inside each service container to forward signals and reap processes'),
  tty: switchFlag('tty', 'Allocate a pseudo-TTY', { short: 't' }),
  readOnly: switchFlag('read-only', "Mount the container's root filesystem as read only"),
  stopSignal: textFlag('stop-signal', 'Signal to stop the container'),
  isolation: textFlag('isolation', 'Service container isolation mode'),
  logDriver: textFlag('log-driver', 'Logging driver for service'),
  logOpt: listFlag('log-opt', 'Logging driver options'),
};

const call = {
  detach: switchFlag('detach', 'Exit immediately instead of waiting for the service to converge', {
    short: 'd',
  }),
  quiet: switchFlag('quiet', 'Suppress progress output', { short: 'q' }),
  withRegistryAuth: switchFlag('with-registry-auth', 'Send registry authentication details to swarm agents'),
  noResolveImage: switchFlag(
    'no-resolve-image',
    'Do not query the registry to resolve image digest and supported platforms',
  ),
};

/** The two sets of flags for going forward and back again. */
function updateFlags(describe: Describe) {
  const orders = ['start-first', 'stop-first'];
  return {
    updateParallelism: uintFlag(
      'update-parallelism',
      describe('Maximum number of tasks updated simultaneously (0 to update all at once)', '1'),
      1,
    ),
    updateDelay: durationFlag('update-delay', describe('Delay between updates (ns|us|ms|s|m|h)', '0s')),
    updateMonitor: durationFlag(
      'update-monitor',
      describe('Duration after each task update to monitor for failure (ns|us|ms|s|m|h)', '5s'),
    ),
    updateFailureAction: textFlag(
      'update-failure-action',
      describe('Action on update failure ("pause", "continue", "rollback")', '"pause"'),
      { choices: ['pause', 'continue', 'rollback'] },
    ),
    updateMaxFailureRatio: floatFlag(
      'update-max-failure-ratio',
      describe('Failure rate to tolerate during an update', '0'),
    ),
    updateOrder: textFlag(
      'update-order',
      describe('Update order ("start-first", "stop-first")', '"stop-first"'),
      { choices: orders },
    ),
    rollbackParallelism: uintFlag(
      'rollback-parallelism',
      describe('Maximum number of tasks rolled back simultaneously (0 to roll back all at once)', '1'),
      1,
    ),
    ...rollbackFlags(describe, orders),
  };
}

const rollbackFlags = (describe: Describe, orders: readonly string[]) => ({
  rollbackDelay: durationFlag(
    'rollback-delay',
    describe('Delay between task rollbacks (ns|us|ms|s|m|h)', '0s'),
  ),
  rollbackMonitor: durationFlag(
    'rollback-monitor',
    describe('Duration after each task rollback to monitor for failure (ns|us|ms|s|m|h)', '5s'),
  ),
  rollbackFailureAction: textFlag(
    'rollback-failure-action',
    describe('Action on rollback failure ("pause", "continue")', '"pause"'),
    { choices: ['pause', 'continue'] },
  ),
  rollbackMaxFailureRatio: floatFlag(
    'rollback-max-failure-ratio',
    describe('Failure rate to tolerate during a rollback', '0'),
  ),
  rollbackOrder: textFlag(
    'rollback-order',
    describe('Rollback order ("start-first", "stop-first")', '"stop-first"'),
    { choices: orders },
  ),
});

const restartFlags = (describe: Describe) => ({
  restartCondition: textFlag(
    'restart-condition',
    describe('Restart when condition is met ("none", "on-failure", "any")', '"any"'),
    { choices: ['none', 'on-failure', 'any'] },
  ),
  restartDelay: durationFlag(
    'restart-delay',
    describe('Delay between restart attempts (ns|us|ms|s|m|h)', '5s'),
  ),
  restartMaxAttempts: uintFlag('restart-max-attempts', 'Maximum number of restarts before giving up'),
  restartWindow: durationFlag(
    'restart-window',
    'Window used to evaluate the restart policy (ns|us|ms|s|m|h)',
  ),
  stopGracePeriod: durationFlag(
    'stop-grace-period',
    describe('Time to wait before force killing a container (ns|us|ms|s|m|h)', '10s'),
  ),
});

const commonFlags = (describe: Describe) => ({
  ...call,
  ...process,
  ...limits,
  ...counts,
  ...health,
  ...restartFlags(describe),
  ...updateFlags(describe),
  endpointMode: textFlag('endpoint-mode', describe('Endpoint mode (vip or dnsrr)', '"vip"'), {
    choices: ['vip', 'dnsrr'],
  }),
});

/** The flags that `service update` has as well. */
export const sharedFlags = commonFlags((help) => help);

export type SharedFlags = FlagValues<typeof sharedFlags>;

/** Parsers of lists, as `create` and the `--*-add` of `update` read them. */
export const lists = {
  env: namedVariable,
  label: labelText,
  dns: parseDns,
  dnsSearch: searchDomain,
  host: parseExtraHost,
  mount: parseMount,
  network: parseNetwork,
  port: parseServicePort,
  preference: parsePreference,
  resource: parseGenericResource,
  secret: parseFileReference('secret'),
  config: parseFileReference('config'),
  ulimit: parseUlimit,
};

export const createFlags = {
  ...commonFlags((help, initial) => `${help} (default ${initial})`),
  name: textFlag('name', 'Service name'),
  mode: textFlag(
    'mode',
    'Service mode ("replicated", "global", "replicated-job", "global-job") (default "replicated")',
    { initial: 'replicated', choices: ['replicated', 'global', 'replicated-job', 'global-job'] },
  ),
  labels: parsedListFlag('label', lists.label, 'Service labels', { short: 'l' }),
  containerLabels: parsedListFlag('container-label', lists.label, 'Container labels'),
  env: parsedListFlag('env', lists.env, 'Set environment variables', { short: 'e' }),
  envFile: listFlag('env-file', 'Read in a file of environment variables'),
  mounts: parsedListFlag('mount', lists.mount, 'Attach a filesystem mount to the service', {
    label: 'mount',
  }),
  constraints: listFlag('constraint', 'Placement constraints'),
  preferences: parsedListFlag('placement-pref', lists.preference, 'Add a placement preference', {
    label: 'pref',
  }),
  networks: parsedListFlag('network', lists.network, 'Network attachments', { label: 'network' }),
  secrets: parsedListFlag('secret', lists.secret, 'Specify secrets to expose to the service', {
    label: 'secret',
  }),
  configs: parsedListFlag('config', lists.config, 'Specify configurations to expose to the service', {
    label: 'config',
  }),
  ports: parsedListFlag('publish', lists.port, 'Publish a port as a node port', {
    short: 'p',
    label: 'port',
  }),
  groups: listFlag('group', 'Set one or more supplementary user groups for the container'),
  dns: parsedListFlag('dns', lists.dns, 'Set custom DNS servers'),
  dnsOptions: listFlag('dns-option', 'Set DNS options'),
  dnsSearch: parsedListFlag('dns-search', lists.dnsSearch, 'Set custom DNS search domains'),
  hosts: parsedListFlag('host', lists.host, 'Set one or more custom host-to-IP mappings (host:ip)'),
  sysctls: listFlag('sysctl', 'Sysctl options'),
  ulimits: parsedListFlag('ulimit', lists.ulimit, 'Ulimit options', { label: 'ulimit' }),
  genericResources: parsedListFlag('generic-resource', lists.resource, 'User defined resources'),
};

export type CreateFlags = FlagValues<typeof createFlags>;
