/** What many clients do to the same few containers and networks, drawn from a seed. */
import type { TestEngine } from './engine.ts';

/** Numbers that follow from a seed (mulberry32). */
export function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return Math.floor((((word ^ (word >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly json?: unknown;
}

const containers = ['c0', 'c1', 'c2', 'c3', 'c4', 'c5'];
const networks = ['n0', 'n1', 'n2'];

type Draw = ReturnType<typeof random>;
const one = <T>(draw: Draw, list: readonly T[]): T => list[draw(list.length)] as T;

function create(draw: Draw): Request {
  const HostConfig = {
    NetworkMode: one(draw, ['bridge', 'none', 'host', 'container:c0', ...networks]),
    AutoRemove: draw(5) === 0,
    RestartPolicy: { Name: 'no' },
    ...(draw(3) === 0 && { PortBindings: { '80/tcp': [{ HostPort: one(draw, ['', '8080']) }] } }),
    ...(draw(4) === 0 && { Binds: [`${one(draw, ['v0', 'v1'])}:/data`] }),
  };
  if (!HostConfig.AutoRemove && draw(4) === 0) HostConfig.RestartPolicy.Name = 'always';
  // some end by themselves, a few at once
  const Cmd = one(draw, [['sleep', '1000'], ['sleep', '1000'], ['sleep', '0.3'], ['true']]);
  const path = `/containers/create?name=${one(draw, containers)}`;
  return { method: 'POST', path, json: { Image: 'busybox', Cmd, HostConfig } };
}

const post = (path: string, json?: unknown): Request => ({
  method: 'POST',
  path,
  ...(json !== undefined && { json }),
});

/** What is asked, and how often in comparison with the others. */
const requests: readonly (readonly [number, (draw: Draw, name: string) => Request])[] = [
  [6, create],
  [6, (_, name) => post(`/containers/${name}/start`)],
  [2, (_, name) => post(`/containers/${name}/stop?t=0`)],
  [2, (_, name) => post(`/containers/${name}/restart?t=0`)],
  [1, (_, name) => post(`/containers/${name}/kill`)],
  [1, (_, name) => post(`/containers/${name}/pause`)],
  [2, (_, name) => post(`/containers/${name}/unpause`)],
  [1, (draw, name) => post(`/containers/${name}/rename?name=${one(draw, containers)}`)],
  [1, (_, name) => post(`/containers/${name}/update`, { Memory: 64 << 20, MemorySwap: -1 })],
  [1, (_, name) => post(`/containers/${name}/exec`, { Cmd: ['true'] })],
  [3, (_, name) => ({ method: 'DELETE', path: `/containers/${name}?force=1&v=1` })],
  [1, (_, name) => ({ method: 'DELETE', path: `/containers/${name}` })],
  [3, (draw) => post('/networks/create', { Name: one(draw, networks) })],
  [1, (draw) => ({ method: 'DELETE', path: `/networks/${one(draw, networks)}` })],
  [3, (draw, name) => post(`/networks/${one(draw, networks)}/connect`, { Container: name })],
  [2, (draw, name) => post(`/networks/${one(draw, networks)}/disconnect`, { Container: name, Force: true })],
  [1, (_, name) => ({ method: 'GET', path: `/containers/${name}/json` })],
  [1, (draw) => ({ method: 'GET', path: `/networks/${one(draw, networks)}` })],
  [1, (_, name) => ({ method: 'GET', path: `/containers/${name}/stats?stream=0&one-shot=1` })],
  [1, (_, name) => ({ method: 'GET', path: `/containers/${name}/logs?stdout=1` })],
  [1, (draw) => post(one(draw, ['/networks/prune', '/volumes/prune', '/containers/prune']))],
];

const wheel = requests.flatMap(([weight, make]) => Array.from({ length: weight }, () => make));

export const drawRequest = (draw: Draw): Request => one(draw, wheel)(draw, one(draw, containers));

export interface Done extends Request {
  readonly status: number;
  readonly message: string;
}

/** So many clients, each with its own seed, one request after the other; what came of each. */
export async function turmoil(
  engine: TestEngine,
  { seed, clients, each }: { readonly seed: number; readonly clients: number; readonly each: number },
): Promise<readonly Done[]> {
  const all = await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      const draw = random(seed * 1000 + client);
      const done: Done[] = [];
      for (let count = 0; count < each; count++) {
        const { method, path, json } = drawRequest(draw);
        const { status, message } = await engine.api(method, path, { json });
        done.push({ method, path, json, status, message });
      }
      return done;
    }),
  );
  return all.flat();
}
