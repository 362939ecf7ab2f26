/** What engines do with volumes of a plugin, step by step, and which calls the plugin gets: recorded beside Docker 28.5. */
import type { PluginCall } from '../plugins/plugin-server.ts';

export interface VolumeStep {
  /** Arguments of docker; `PLUGIN` is the driver. */
  readonly does: string;
  readonly calls: readonly string[];
  /** Its error, where it must fail. */
  readonly fails?: string;
}

const step = (does: string, calls: readonly string[], fails?: string): VolumeStep => ({
  does,
  calls,
  ...(fails !== undefined && { fails }),
});

/** Each beside its calls, in the order in which they come. Mounts are numbered. */
export const volumeSteps: readonly VolumeStep[] = [
  step('volume create -d PLUGIN -o b=2 -o a=1 --label x=y v1', [
    'Plugin.Activate',
    'Capabilities',
    'Get v1',
    'Create v1 {"a":"1","b":"2"}',
  ]),
  step('volume create -d PLUGIN v1', ['Get v1']),
  step(
    'volume create v1',
    ['Get v1'],
    "create v1: driver 'PLUGIN' already has volume 'v1': volume name must be unique",
  ),
  step('volume ls', ['List']),
  step('volume inspect v1', ['Get v1']),
  step('volume inspect nosuch', ['Get nosuch'], 'get nosuch: no such volume'),
  step('run --rm -v v1:/data busybox true', ['Get v1', 'Get v1', 'Mount v1 #1', 'Unmount v1 #1']),
  step(
    'run --rm --mount type=volume,source=v2,target=/data,volume-driver=PLUGIN,volume-opt=k=v busybox true',
    [...['Get v2', 'Create v2 {"k":"v"}', 'Get v2', 'Mount v2 #1', 'Unmount v2 #1']],
  ),
  step('run --rm --volume-driver PLUGIN -v v3:/data -v /deep/anon busybox true', [
    ...['Get v3', 'Create v3 null', 'Get ANON', 'Create ANON null'],
    ...['Get v3', 'Mount v3 #1', 'Get ANON', 'Mount ANON #2', 'Unmount v3 #1', 'Unmount ANON #2'],
    ...['Get ANON', 'Get ANON', 'Remove ANON'],
  ]),
  step('create --name c1 -v v1:/data -v v1:/again busybox sleep 600', ['Get v1', 'Get v1']),
  step('start c1', ['Get v1', 'Mount v1 #1', 'Get v1', 'Mount v1 #2']),
  step('run -d --name c2 -v v1:/data busybox sleep 600', ['Get v1', 'Get v1', 'Mount v1 #3']),
  step('volume rm v1', ['Get v1'], 'remove v1: volume is in use - [CONTAINER, CONTAINER]'),
  step('rm -f c2', ['Unmount v1 #3']),
  step('restart -t 0 c1', [
    ...['Unmount v1 #1', 'Unmount v1 #2', 'Get v1', 'Mount v1 #4', 'Get v1', 'Mount v1 #5'],
  ]),
  step('stop -t 0 c1', ['Unmount v1 #4', 'Unmount v1 #5']),
  step('rm c1', []),
  step('volume rm v1', ['Get v1', 'Get v1', 'Remove v1']),
  step('volume rm v1', ['Get v1'], 'get v1: no such volume'),
  step('volume rm -f v1', ['Get v1']),
  step('volume prune -f -a', []),
  step('volume rm v2 v3', ['Get v2', 'Get v2', 'Remove v2', 'Get v3', 'Get v3', 'Remove v3']),
];

/** Calls as the steps have them: ids of mounts by number, names of volumes that were given none by a word. */
export class CallReader {
  #numbers = new Map<string, number>();
  readonly #open = new Set<string>();

  read(calls: readonly PluginCall[]): readonly string[] {
    // the count begins again where nothing is mounted
    if (this.#open.size === 0) this.#numbers = new Map();
    return calls.map((call) => this.#line(call));
  }

  #line({ method, asked }: PluginCall): string {
    const { Name, ID, Opts } = asked as {
      readonly Name?: string;
      readonly ID?: string;
      readonly Opts?: unknown;
    };
    if (ID !== undefined && method.endsWith('.Mount')) this.#open.add(ID);
    if (ID !== undefined && method.endsWith('.Unmount')) this.#open.delete(ID);
    return [
      method.replace('VolumeDriver.', ''),
      ...(Name === undefined ? [] : [Name.replace(/^[0-9a-f]{64}$/, 'ANON')]),
      ...(ID === undefined ? [] : [`#${this.#number(ID)}`]),
      ...('Opts' in asked ? [JSON.stringify(Opts)] : []),
    ].join(' ');
  }

  #number(id: string): number {
    const known = this.#numbers.get(id) ?? this.#numbers.size + 1;
    this.#numbers.set(id, known);
    return known;
  }
}

/**
 * Docker asks whether a volume is there before it takes a mount of it back, where the answer changes nothing, and makes
 * mounts of one container, and takes them back, in no order.
 */
export function comparable(calls: readonly string[]): readonly string[] {
  const kept = calls.filter((call, place) => {
    const next = calls[place + 1] ?? '';
    return !(call.startsWith('Get ') && next.startsWith(`Unmount ${call.slice('Get '.length)} #`));
  });
  const isUnmount = (call: string | undefined): boolean => call?.startsWith('Unmount ') === true;
  return withMountsInOrder(kept).reduce<string[]>((sorted, call) => {
    const place = isUnmount(call)
      ? sorted.findLastIndex((other) => !isUnmount(other) || other < call)
      : sorted.length - 1;
    return sorted.toSpliced(place + 1, 0, call);
  }, []);
}

/** Each mount comes with the question before it. Their numbers follow the order, also where they are taken back. */
function withMountsInOrder(calls: readonly string[]): readonly string[] {
  const isMount = (call: string | undefined): boolean => call?.startsWith('Mount ') === true;
  const first = calls.findIndex((_, place) => isMount(calls[place + 1]));
  if (first < 0) return calls;
  const last = calls.findLastIndex(isMount);
  const pairs = Array.from({ length: (last + 1 - first) / 2 }, (_, at) =>
    calls.slice(first + 2 * at, first + 2 * at + 2),
  ).toSorted(([a = ''], [b = '']) => (a < b ? -1 : Number(a > b)));
  const ordered = [...calls.slice(0, first), ...pairs.flat(), ...calls.slice(last + 1)];
  const numberOf = (call: string | undefined): string => /#\d+$/.exec(call ?? '')?.[0] ?? '';
  const before = calls.filter(isMount).map(numberOf);
  const renamed = new Map(pairs.map(([, mount], at) => [numberOf(mount), before[at] ?? '']));
  return ordered.map((call) => call.replace(/#\d+$/, (number) => renamed.get(number) ?? number));
}
