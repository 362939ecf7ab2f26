/** The API of the only manager of a swarm, over records in memory. */
import { type Api, createApi } from '../../src/api/api.ts';
import { createLogger } from '../../src/observe/logger.ts';
import type { SwarmNode } from '../../src/swarm/records.ts';
import { Swarm } from '../swarm/fixture.ts';
import { createMemoryEngine } from './memory-engine.ts';
import { memorySwarm } from './memory-swarm.ts';

type Method = 'GET' | 'POST' | 'DELETE' | 'HEAD';

export interface SwarmApi {
  readonly api: Api;
  readonly records: Swarm;
  readonly node: SwarmNode;
  /** What was asked of the swarm as a whole, a line per verb. */
  readonly calls: string[];
  /** With credentials of a registry. JSON is parsed. */
  ask(
    method: Method,
    url: string,
    body?: object,
  ): Promise<{
    readonly status: number;
    readonly answer: unknown;
    readonly headers: Readonly<Record<string, unknown>>;
  }>;
}

export function swarmApi(): SwarmApi {
  const calls: string[] = [];
  const records = new Swarm();
  const node = records.node('node1');
  const engine = createMemoryEngine({ swarm: memorySwarm({ records, nodeId: node.id, calls }) });
  const api = createApi({ engine, logger: createLogger('fatal', () => undefined), version: '0.1.0' });
  return {
    ...{ api, records, node, calls },
    async ask(method, url, body) {
      const reply = await api.app.inject({
        ...{ method, url: `/v1.50${url}` },
        ...(body && { payload: body }),
        headers: { 'x-registry-auth': 'c2VjcmV0' },
      });
      const isJson = String(reply.headers['content-type']).startsWith('application/json');
      const answer: unknown = isJson && reply.payload !== '' ? JSON.parse(reply.payload) : reply.payload;
      return { status: reply.statusCode, answer, headers: reply.headers };
    },
  };
}
