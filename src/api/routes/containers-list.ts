/** `GET /containers/json`: all of Docker's filters. */
import type { ContainerDetail } from '../../engine/container-verbs.ts';
import type { Engine } from '../../engine/verbs.ts';
import { fail, messageOf } from '../../errors.ts';
import { parseInteger } from '../../go/strconv.ts';
import { type Filters, parseFilters } from '../filters.ts';
import { linkNames, presentListEntry } from '../presenters/container-list.ts';
import { isRunning } from '../presenters/container-state.ts';
import { networkName } from '../presenters/endpoint.ts';
import { imageRefersTo } from '../presenters/image-names.ts';
import { presentPortList } from '../presenters/ports.ts';
import { type Answer, type Call, json } from '../route.ts';

const known = [
  'ancestor',
  'before',
  'exited',
  'expose',
  'health',
  'id',
  'is-task',
  'isolation',
  'label',
  'name',
  'network',
  'publish',
  'since',
  'status',
  'volume',
];

const statuses = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'];
const healths = ['none', 'starting', 'healthy', 'unhealthy'];

const isNot = (key: string, value: string, why: string): Error =>
  fail('BAD_REQUEST', `invalid filter '${key}=${value}': ${why}`);

function validate(filters: Filters): void {
  filters.flag('is-task', false);
  const listed = (words: readonly string[]): string => `must be one of ${words.join(', ')}`;
  for (const status of filters.values('status'))
    if (!statuses.includes(status))
      throw isNot('status', status, `invalid value for state (${status}): ${listed(statuses)}`);
  for (const health of filters.values('health'))
    if (!healths.includes(health))
      throw isNot('health', health, `invalid value for health (${health}): ${listed(healths)}`);
  for (const code of filters.values('exited'))
    try {
      parseInteger(code);
    } catch (error) {
      throw isNot('exited', code, messageOf(error));
    }
}

type Test = (detail: ContainerDetail) => boolean;

/** A range of ports in a filter, refused in Go's words. */
function portRange(
  key: string,
  value: string,
  numbers: string,
): { readonly first: number; readonly last: number } {
  const wrong = (why: string): Error =>
    fail('BAD_REQUEST', `error while looking up for ${key} ${value}: ${why}`);
  if (numbers === '') throw wrong('Empty string specified for ports.');
  const dash = numbers.indexOf('-');
  const parts = dash < 0 ? [numbers] : [numbers.slice(0, dash), numbers.slice(dash + 1)];
  for (const part of parts) {
    const parsing = `strconv.ParseUint: parsing ${JSON.stringify(part)}`;
    if (!/^[0-9]+$/.test(part)) throw wrong(`${parsing}: invalid syntax`);
    if (Number(part) > 65535) throw wrong(`${parsing}: value out of range`);
  }
  const [first = 0, last = first] = parts.map(Number);
  if (last < first) throw wrong(`Invalid range specified for the Port: ${numbers}`);
  return { first, last };
}

/** `80`, `80/tcp`, `8000-8010/udp`: does any of the ports match? */
function portTest(
  filters: Filters,
  key: string,
  portsOf: (detail: ContainerDetail) => readonly string[],
): Test {
  const ranges = filters.values(key).map((value) => {
    const [numbers = '', protocol = 'tcp'] = value.split('/', 2);
    return { ...portRange(key, value, numbers), protocol };
  });
  return (detail) =>
    ranges.length === 0 ||
    portsOf(detail).some((port) => {
      const [number, protocol] = port.split('/');
      return ranges.some(
        (range) =>
          range.protocol === protocol && Number(number) >= range.first && Number(number) <= range.last,
      );
    });
}

/** `publish` means the host's side, `expose` the container's; both are seen of containers that run. */
const publishedPorts = (detail: ContainerDetail): readonly string[] =>
  presentPortList(detail).map(({ PublicPort: port, Type: protocol }) => `${port ?? 0}/${protocol}`);

const exposedPorts = (detail: ContainerDetail): readonly string[] =>
  presentPortList(detail).map(({ PrivatePort: port, Type: protocol }) => `${port}/${protocol}`);

/** `before` and `since` name containers: created earlier than all, later than all of them. */
function ageTest(filters: Filters, engine: Engine): Test {
  const created = (ref: string): string => engine.containers.get(ref).container.created;
  const before = filters.values('before').map(created);
  const since = filters.values('since').map(created);
  return ({ container }) =>
    before.every((date) => container.created < date) && since.every((date) => container.created > date);
}

function passesModel(filters: Filters, { container, image, attachments }: ContainerDetail): boolean {
  const some = (key: string, test: (value: string) => boolean): boolean =>
    !filters.has(key) || filters.values(key).some(test);
  return (
    some(
      'ancestor',
      (ref) => container.config.Image === ref || (image !== undefined && imageRefersTo(image, ref)),
    ) &&
    some('volume', (name) =>
      container.mounts.some(
        (mount) => mount.name === name || mount.destination === name || mount.source === name,
      ),
    ) &&
    some('network', (ref) =>
      attachments.some(
        (attachment) => networkName(attachment) === ref || (attachment.network?.id.startsWith(ref) ?? false),
      ),
    )
  );
}

function passesState(filters: Filters, { container }: ContainerDetail): boolean {
  const { state } = container;
  const ended = state.status === 'exited' || state.status === 'dead';
  return (
    filters.exactly('status', state.status) &&
    filters.exactly('health', state.health?.status ?? 'none') &&
    (!filters.has('exited') || (ended && filters.exactly('exited', String(state.exitCode)))) &&
    !filters.flag('is-task', false) &&
    filters.exactly('isolation', container.hostConfig.Isolation || 'default')
  );
}

/** Matches the container's own name, not those of links. */
function passesNames(filters: Filters, { container }: ContainerDetail): boolean {
  const names = [container.name, `/${container.name}`];
  return (
    filters.matches('id', container.id) &&
    (!filters.has('name') || names.some((name) => filters.matches('name', name))) &&
    filters.labels('label', container.config.Labels)
  );
}

/** Which containers are listed, newest first. */
function select({ engine, query }: Call): readonly ContainerDetail[] {
  const filters = parseFilters(query.text('filters'), known);
  validate(filters);
  const all = [...engine.containers.list()].sort((a, b) =>
    a.container.created < b.container.created ? 1 : -1,
  );
  const limit = Math.max(query.integer('limit') ?? 0, 0);
  const stoppedToo = query.flag('all') || limit > 0 || filters.has('status');
  const age = ageTest(filters, engine);
  const published = portTest(filters, 'publish', publishedPorts);
  const exposed = portTest(filters, 'expose', exposedPorts);
  const found = all.filter(
    (detail) =>
      (stoppedToo || isRunning(detail.container.state)) &&
      passesNames(filters, detail) &&
      passesState(filters, detail) &&
      passesModel(filters, detail) &&
      age(detail) &&
      published(detail) &&
      exposed(detail),
  );
  return limit > 0 ? found.slice(0, limit) : found;
}

export async function listContainers(call: Call): Promise<Answer> {
  const { engine, query, version } = call;
  const links = linkNames(engine.containers.list());
  const now = Date.now();
  const entries = select(call).map(async (detail) => {
    const size = query.flag('size') ? await engine.containers.size(detail.container.id) : undefined;
    return presentListEntry(detail, {
      version,
      now,
      linkNames: links.get(detail.container.name) ?? [],
      size,
    });
  });
  return json(await Promise.all(entries));
}
