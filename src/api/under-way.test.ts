import { createServer, get, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { messageOf } from '../errors.ts';
import { UnderWay } from './under-way.ts';

const change = { doing: 'POST /containers/web/start', isTelling: false };

describe('the end of an engine', () => {
  it('waits for what is under way', async () => {
    const underWay = new UnderWay();
    const task = Promise.withResolvers<string>();
    const answer = underWay.during(change, () => task.promise);
    const ended = underWay.end(60_000);
    task.resolve('done');
    expect(await answer).toBe('done');
    expect(await ended).toEqual([]);
  });

  it('waits no longer than the limit, and names what is left', async () => {
    const underWay = new UnderWay();
    void underWay.during(change, () => new Promise(() => undefined));
    expect(await underWay.end(20)).toEqual(['POST /containers/web/start']);
  });

  it('does not wait for what only tells', async () => {
    const underWay = new UnderWay();
    void underWay.during({ doing: 'POST /containers/web/wait', isTelling: true }, () => new Promise(() => 0));
    expect(await underWay.end(60_000)).toEqual([]);
  });

  it('counts a failure as an end', async () => {
    const underWay = new UnderWay();
    const refused = underWay.during(change, () => Promise.reject(new Error('no'))).catch(messageOf);
    expect(await underWay.end(60_000)).toEqual([]);
    expect(await refused).toBe('no');
  });

  it('lets nothing begin any more', async () => {
    const underWay = new UnderWay();
    await underWay.end(1);
    const refused = underWay.during(change, async () => 'done').catch(messageOf);
    expect(await refused).toBe('the engine is ending');
  });

  it('cuts streams, and waits until other answers are sent', async () => {
    const underWay = new UnderWay();
    const responses: ServerResponse[] = [];
    const server = createServer((request, response) => {
      const doing = `${request.method} ${request.url}`;
      responses.push(response);
      void underWay.during({ doing, isTelling: false, response }, async () => {
        if (request.url === '/logs') response.writeHead(200).write('a line');
      });
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const ask = (path: string): Promise<string> =>
      new Promise((resolve) => {
        get({ port, path, host: '127.0.0.1', agent: false }, (answer) => {
          answer.resume().on('close', () => resolve(answer.complete ? 'whole' : 'cut'));
        });
      });
    const [logs, json] = [ask('/logs'), ask('/json')];
    await expect.poll(() => responses.length).toBe(2);
    const ended = underWay.end(60_000);
    responses.find((response) => !response.headersSent)?.end('{}');
    expect(await ended).toEqual([]);
    expect(await Promise.all([logs, json])).toEqual(['cut', 'whole']);
    server.close();
  });
});
