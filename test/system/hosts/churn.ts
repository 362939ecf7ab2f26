/** What the clients of each host ask for: containers and networks that come and go, drawn from a seed. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Ask } from '../request.ts';
import { random } from '../turmoil-work.ts';
import type { Host } from './world.ts';

type Draw = ReturnType<typeof random>;

/** Networks of the cluster. The second has IPv6, too, and the third is made without a subnet. */
const networks = ['n0', 'n1', 'n2', 'n3'] as const;
const subnets: Readonly<Record<string, readonly string[]>> = {
  n0: ['10.60.0.0/24'],
  n1: ['10.61.0.0/24', 'fd00:61::/64'],
  n3: ['10.63.0.0/24'],
};
const containersOfHost = 5;

export const isOfChurn = (name: string): boolean => /^n\d$/.test(name);

export const makeNetwork = (name: string): Request => ({
  method: 'POST',
  path: '/networks/create',
  json: {
    ...{ Name: name, Driver: 'overlay', EnableIPv6: (subnets[name]?.length ?? 0) > 1 },
    ...(subnets[name] && { IPAM: { Config: subnets[name].map((Subnet) => ({ Subnet })) } }),
  },
});

interface Request extends Ask {
  readonly method: string;
  readonly path: string;
}

const one = <T>(draw: Draw, list: readonly T[]): T => list[draw(list.length)] as T;
const post = (path: string, json?: unknown): Request => ({
  method: 'POST',
  path,
  ...(json !== undefined && { json }),
});

/** An address that clients of all hosts want; only of networks that have a subnet by request. */
function wanted(draw: Draw, network: string): { readonly IPAMConfig?: { readonly IPv4Address: string } } {
  const [subnet = ''] = subnets[network] ?? [];
  if (subnet === '' || draw(3) > 0) return {};
  return { IPAMConfig: { IPv4Address: subnet.replace('0/24', String(100 + draw(4))) } };
}

const endpoint = (draw: Draw, network: string) => ({
  ...wanted(draw, network),
  ...(draw(2) === 0 && { Aliases: [one(draw, ['any', 'svc'])] }),
});

function create(draw: Draw, name: string): Request {
  const network = one(draw, networks);
  return post(`/containers/create?name=${name}`, {
    ...{ Image: 'busybox', Cmd: ['sleep', '100000'], StopSignal: 'SIGKILL' },
    HostConfig: { NetworkMode: network, RestartPolicy: { Name: draw(3) === 0 ? 'always' : 'no' } },
    NetworkingConfig: { EndpointsConfig: { [network]: endpoint(draw, network) } },
  });
}

/** What is asked, and how often in comparison with the others. */
const requests: readonly (readonly [number, (draw: Draw, name: string) => readonly Request[]])[] = [
  [8, (draw, name) => [create(draw, name), post(`/containers/${name}/start`)]],
  [2, (_, name) => [post(`/containers/${name}/start`)]],
  [1, (_, name) => [post(`/containers/${name}/restart?t=0`)]],
  [1, (_, name) => [post(`/containers/${name}/stop?t=0`)]],
  [5, (_, name) => [{ method: 'DELETE', path: `/containers/${name}?force=1&v=1` }]],
  [4, (draw, name) => connect(draw, name)],
  [
    3,
    (draw, name) => [post(`/networks/${one(draw, networks)}/disconnect`, { Container: name, Force: true })],
  ],
  [4, (draw) => [makeNetwork(one(draw, networks))]],
  [2, (draw) => [{ method: 'DELETE', path: `/networks/${one(draw, networks)}` }]],
];

function connect(draw: Draw, name: string): readonly Request[] {
  const network = one(draw, networks);
  const EndpointConfig = endpoint(draw, network);
  return [post(`/networks/${network}/connect`, { Container: name, EndpointConfig })];
}

const wheel = requests.flatMap(([weight, make]) => Array.from({ length: weight }, () => make));

export interface Answered {
  readonly host: number;
  readonly request: string;
  /** 0: there was no answer. */
  readonly status: number;
  readonly message: string;
}

export interface ChurnOptions {
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Milliseconds between two requests of a client. */
  readonly pause: number;
  /** Told of answers that say more of the engine than of the request. */
  readonly told: (line: string) => void;
}

/** One client of a host, until its signal. */
export async function churn(
  { engine, number }: Host,
  { seed, signal, pause, told }: ChurnOptions,
): Promise<readonly Answered[]> {
  const draw = random(seed);
  const answered: Answered[] = [];
  while (!signal.aborted) {
    const name = `h${number}c${draw(containersOfHost)}`;
    for (const { method, path, json } of one(draw, wheel)(draw, name)) {
      const asked = await engine
        .api(method, path, { ...(json !== undefined && { json }), patience: 40_000 })
        .catch((error: Error) => ({ status: 0, message: error.message }));
      const request = `${method} ${path}`;
      if (/another writer|ambiguous|is a bug|does not listen/.test(asked.message))
        told(`host ${number}, ${request}: ${asked.status} ${asked.message}`);
      answered.push({ host: number, request, status: asked.status, message: asked.message });
    }
    await delay(pause);
  }
  return answered;
}
