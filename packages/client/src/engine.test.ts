/** The client against the API of an engine of plain records. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, createApi } from '../../../src/api/api.ts';
import { createLogger } from '../../../src/observe/logger.ts';
import { addContainer, createMemoryEngine } from '../../../test/api/memory-engine.ts';
import { containerOf, hex, running } from '../../../test/api/records.ts';
import { ConnectionError, connect, type Engine, EngineError } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'seaway-client-'));
const host = `unix://${folder}/engine.sock`;
const memory = createMemoryEngine();
let api: Api;
let engine: Engine;

beforeAll(async () => {
  addContainer(memory, containerOf(hex('1'), { Image: 'busybox' }, { name: 'web', state: running() }));
  api = createApi({ engine: memory, logger: createLogger('fatal'), version: '0.1.0' });
  await api.listen(host);
  engine = await connect({ host });
});

afterAll(async () => {
  await api.close(0);
  rmSync(folder, { recursive: true });
});

describe('the client', () => {
  it('settles on the newest version that both sides know', async () => {
    expect(engine.client.version).toBe('1.50');
    expect((await engine.system.version()).ApiVersion).toBe('1.50');
  });

  it('lists and inspects', async () => {
    expect((await engine.containers.list({ filters: { name: ['web'] } })).map(({ Id }) => Id)).toEqual([
      hex('1'),
    ]);
    expect(await engine.containers.list({ filters: { name: ['other'] } })).toEqual([]);
    expect((await engine.containers.inspect('web')).State.Running).toBe(true);
  });

  it('creates what the typed body says, and removes it', async () => {
    const { Id } = await engine.networks.create({ Name: 'app', Labels: { of: 'client' } });
    const network = await engine.networks.inspect('app');
    expect(network).toMatchObject({ Id, Driver: 'bridge', Labels: { of: 'client' } });
    await engine.networks.remove(Id);
    expect((await engine.networks.list()).map(({ Name }) => Name)).not.toContain('app');
  });

  it('has the calls that Docker’s API does not have', async () => {
    expect(await engine.seaway.compare()).toEqual({ Compared: 0, Scopes: [] });
    const chunks: Buffer[] = [];
    for await (const chunk of await engine.seaway.capture('network:app', { filter: 'tcp' }))
      chunks.push(chunk as Buffer);
    expect(String(Buffer.concat(chunks))).toBe('network:app');
    const traces: string[] = [];
    for await (const { Name } of engine.seaway.trace({ last: 5 })) traces.push(Name);
    expect(traces).toContain('GET /seaway/compare');
    const next = engine.seaway.trace({ last: 0, follow: true }).next();
    await engine.seaway.nodes();
    expect((await next).value).toMatchObject({ Name: 'GET /seaway/cluster/nodes', Kind: 'request' });
  });

  it('throws the engine’s words', async () => {
    const failure = await engine.containers.inspect('nobody').catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(EngineError);
    expect(failure).toMatchObject({ httpStatus: 404, reason: 'No such container: nobody' });
  });

  it('says that nobody listens', async () => {
    await expect(connect({ host: `unix://${folder}/none.sock` })).rejects.toThrow(ConnectionError);
  });

  it('iterates over events until the loop is left', async () => {
    const heard: string[] = [];
    const listening = (async () => {
      for await (const { Action, Actor } of engine.system.events({ filters: { type: ['container'] } })) {
        heard.push(`${Action} ${Actor.ID}`);
        if (heard.length === 2) break;
      }
    })();
    while (memory.events.listeners() === 0) await delay(1);
    const about = { type: 'container', id: 'a', attributes: {} } as const;
    for (const action of ['start', 'die', 'destroy']) memory.events.emit({ ...about, action });
    await listening;
    expect(heard).toEqual(['start a', 'die a']);
    while (memory.events.listeners() > 0) await delay(1);
  });

  it('ends a stream by its signal', async () => {
    const ending = new AbortController();
    const next = engine.system.events({ signal: ending.signal }).next();
    while (memory.events.listeners() === 0) await delay(1);
    ending.abort();
    await expect(next).rejects.toMatchObject({ name: 'AbortError' });
    await expect(engine.containers.wait('web', { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
});
