/** The fields of a service in a Compose file. */
import { CliError } from '../failure.ts';
import { parseServicePort } from '../swarm/ports.ts';
import { Interpolated } from './interpolate.ts';
import {
  bytes,
  command,
  count,
  duration,
  filled,
  flag,
  hosts,
  integer,
  list,
  mapping,
  named,
  number,
  oneOf,
  orEmpty,
  type Reader,
  record,
  text,
  textOrNumber,
  textOrTexts,
  texts,
  truth,
  uniqueTexts,
  variables,
} from './readers.ts';
import { volume } from './volume.ts';
import { isObject, type Json, type JsonObject } from './yaml.ts';

const update = record({
  parallelism: integer,
  delay: duration,
  failure_action: text,
  monitor: duration,
  max_failure_ratio: number,
  order: oneOf('start-first', 'stop-first'),
});

const generic = list(record({ discrete_resource_spec: record({ kind: text, value: count }) }));

const deploy = record({
  mode: text,
  replicas: integer,
  labels: mapping,
  update_config: update,
  rollback_config: update,
  resources: filled(
    record({
      limits: record({ cpus: text, memory: bytes, pids: count }),
      reservations: record({ cpus: text, memory: bytes, generic_resources: generic }),
    }),
  ),
  restart_policy: record({
    condition: text,
    delay: duration,
    max_attempts: integer,
    window: duration,
  }),
  placement: filled(
    record({
      constraints: texts,
      preferences: list(record({ spread: text })),
      max_replicas_per_node: count,
    }),
  ),
  endpoint_mode: text,
});

const healthTest: Reader<readonly string[]> = (value, path) => {
  const own = value instanceof Interpolated ? value.text : value;
  if (typeof own === 'string') return ['CMD-SHELL', own];
  if (!Array.isArray(own)) throw new CliError(`${path} must be a string`);
  return texts(own, path);
};

const health = record({
  test: healthTest,
  timeout: duration,
  interval: duration,
  retries: integer,
  start_period: duration,
  start_interval: duration,
  disable: truth,
});

const longFileFields = record(
  { source: text, target: text, uid: text, gid: text, mode: number },
  { open: true },
);

/** A secret or config: its name, or more. */
const fileReference: Reader = (value, path) =>
  isObject(value) && !(value instanceof Interpolated)
    ? longFileFields(value, path)
    : { source: text(value, path) ?? '' };

/** The address in front of two more parts, as in `127.0.0.1:80:80`. */
export const hostAddress = /^(\[[^\]]*\]|[^:[]+):(?=[^:]*:)/;

const longPort = record({ mode: text, target: count, published: count, protocol: text });

/** `8080:80` may be several. The routing mesh listens at all addresses: one that is given is left out. */
function portsOf(value: unknown, path: string): readonly Json[] {
  const own = value instanceof Interpolated ? value.text : value;
  if (isObject(own)) return [longPort(own, path) ?? {}];
  if (typeof own !== 'string' && typeof own !== 'number') throw new CliError(`${path} must be a number`);
  let parsed: ReturnType<typeof parseServicePort>;
  try {
    parsed = parseServicePort(String(own).replace(hostAddress, ''));
  } catch (cause) {
    throw new CliError(`${path} Does not match format 'ports'`, { cause });
  }
  return parsed.map(({ Protocol = 'tcp', TargetPort = 0, PublishedPort, PublishMode = '' }) => ({
    mode: PublishMode,
    target: TargetPort,
    ...(PublishedPort === undefined ? {} : { published: PublishedPort }),
    protocol: Protocol,
  }));
}

const ports: Reader = (value, path) => {
  if (!Array.isArray(value)) throw new CliError(`${path} must be a list`);
  return value.flatMap((each: unknown, at) => portsOf(each, `${path}.${at}`));
};

const network = record({
  aliases: texts,
  driver_opts: mapping,
  ipv4_address: text,
  ipv6_address: text,
});

/** A list of names, or names with settings. */
const networks: Reader = (value, path) => {
  if (Array.isArray(value)) {
    const names = texts(value, path) ?? [];
    return Object.fromEntries([...names].sort().map((name) => [name, null]));
  }
  if (!isObject(value)) throw new CliError(`${path} must be a list`);
  const entries = Object.entries(value).map(([name, own]): [string, Json] => [
    name,
    own === null ? null : (network(own, `${path}.${name}`) ?? {}),
  ]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
};

const ulimit: Reader = (value, path) =>
  isObject(value)
    ? record({ soft: integer, hard: integer }, { required: ['soft', 'hard'] })(value, path)
    : integer(value, path);

const logOptions = mapping;

const build: Reader = (value, path) => {
  const own = value instanceof Interpolated ? value.text : value;
  if (typeof own === 'string') return { context: own };
  return record(
    {
      context: text,
      dockerfile: text,
      args: variables,
      labels: mapping,
      cache_from: texts,
      extra_hosts: hosts,
      network: text,
      target: text,
    },
    { open: true },
  )(value, path);
};

const readService = record(
  {
    build,
    cap_add: uniqueTexts,
    cap_drop: uniqueTexts,
    cgroupns_mode: text,
    cgroup_parent: text,
    command,
    configs: list(fileReference),
    container_name: text,
    credential_spec: filled(record({ config: text, file: text, registry: text })),
    depends_on: uniqueTexts,
    deploy: orEmpty(deploy),
    devices: uniqueTexts,
    dns: textOrTexts,
    dns_search: textOrTexts,
    domainname: text,
    entrypoint: command,
    environment: variables,
    env_file: textOrTexts,
    expose: list(textOrNumber),
    external_links: uniqueTexts,
    extra_hosts: hosts,
    hostname: text,
    healthcheck: health,
    image: text,
    init: flag,
    ipc: text,
    isolation: text,
    labels: mapping,
    links: uniqueTexts,
    logging: record({ driver: text, options: logOptions }),
    mac_address: text,
    network_mode: text,
    networks,
    oom_score_adj: count,
    pid: (value, path) => (value === null ? undefined : text(value, path)),
    ports,
    privileged: truth,
    read_only: truth,
    restart: text,
    secrets: list(fileReference),
    security_opt: uniqueTexts,
    shm_size: textOrNumber,
    stdin_open: truth,
    stop_grace_period: duration,
    stop_signal: text,
    sysctls: mapping,
    tmpfs: textOrTexts,
    tty: truth,
    ulimits: named(ulimit),
    user: text,
    userns_mode: text,
    volumes: list(volume),
    working_dir: text,
  },
  { extensions: true },
);

/** A service with the fields that Docker's client prints, in its order. */
export const service: Reader<JsonObject> = (value, path) => {
  const read = readService(value, path) ?? {};
  const { deploy: own, ...rest } = read;
  // A deployment that says nothing is no field.
  return isObject(own) && Object.keys(own).length === 0 ? rest : read;
};
