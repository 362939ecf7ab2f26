/** The engine of plain records that the API's unit tests use. */
import { afterAll, describe } from 'vitest';
import { createApi } from '../../src/api/api.ts';
import { createLogger } from '../../src/observe/logger.ts';
import { createMemoryEngine } from '../api/memory-engine.ts';
import { contract } from './contract.ts';

const logger = createLogger('fatal', () => undefined);
const api = createApi({ engine: createMemoryEngine(), logger, version: '0.1.0' });
afterAll(() => api.close());

type Method = 'GET' | 'POST' | 'DELETE';

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

describe('the engine of plain records', () => {
  contract(async (method, url, json) => {
    const reply = await api.app.inject({
      method: method as Method,
      url,
      ...(json !== undefined && { payload: json as object }),
    });
    const value = parsed(reply.payload);
    const message = String((value as { message?: unknown } | undefined)?.message ?? '');
    return { status: reply.statusCode, text: reply.payload, json: value, message };
  });
});
