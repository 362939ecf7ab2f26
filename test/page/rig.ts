/** An engine of plain records that serves the page, and a browser that looks at it. */
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type Api, createApi } from '../../src/api/api.ts';
import type { MapRule, NetworkMap } from '../../src/engine/map-verbs.ts';
import type { Engine } from '../../src/engine/verbs.ts';
import { createLogger } from '../../src/observe/logger.ts';
import { createMemoryEngine, type MemoryEngine } from '../api/memory-engine.ts';
import { explained } from '../golden/references/explained.ts';
import { cityOf } from './city.ts';

/** Debian's, or the one of SEAWAY_CHROMIUM; '' where there is none. */
export const program =
  [process.env.SEAWAY_CHROMIUM ?? '', '/usr/bin/chromium'].find((path) => path !== '' && existsSync(path)) ??
  '';

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: program, args: ['--no-sandbox', '--disable-gpu'] });

const rules: readonly MapRule[] = [
  {
    ...{
      table: 'ip nat',
      chain: 'DOCKER',
      text: '-p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.18.0.2:80',
    },
    why: 'Port 8080/tcp on every address of the host leads to port 80 of 172.18.0.2 on br-0.',
  },
];

export interface Served {
  readonly engine: MemoryEngine;
  /** A link to the page. */
  link(options?: { readonly write?: boolean }): Promise<string>;
  /** Shows another number of containers. */
  become(count: number): void;
  close(): Promise<void>;
}

export async function serve(count: number): Promise<Served> {
  const plain = createMemoryEngine();
  // as many as an engine keeps
  for (let i = 0; i < 256; i++)
    plain.events.emit({ type: 'container', action: 'start', id: `c${i}`, attributes: { name: `past${i}` } });
  const listeners = new Set<() => void>();
  const began = performance.now();
  let city = cityOf(count);
  const map: Engine['map'] = {
    picture: (): NetworkMap => city.map,
    follow(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    traffic: async () => city.traffic(performance.now() - began),
    rules: () => rules,
  };
  const system = { ...plain.system, explain: async () => explained };
  const engine = { ...plain, map, system };
  const api: Api = createApi({ engine, logger: createLogger('fatal', () => undefined), version: '0.1.0' });
  return {
    engine: plain,
    async link({ write = false } = {}) {
      const reply = await api.app.inject({ method: 'POST', url: '/seaway/page', payload: { Write: write } });
      return (reply.json() as { Url: string }).Url;
    },
    become(next) {
      city = cityOf(next);
      for (const listener of listeners) listener();
    },
    close: () => api.close(),
  };
}

/** Problems of the page, and requests that do not go to the link's own port. */
export function watch(
  page: Page,
  link: string,
): { readonly problems: string[]; readonly elsewhere: string[] } {
  const problems: string[] = [];
  const elsewhere: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (origin !== new URL(link).origin && protocol !== 'data:' && protocol !== 'blob:')
      elsewhere.push(request.url());
  });
  return { problems, elsewhere };
}
