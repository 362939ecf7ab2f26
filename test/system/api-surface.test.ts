/**
 * The surface of the API: every call that clients make, and those that go wrong. What is answered stands in
 * the table (`api-surface/`); beside real Docker, where it is installed, status, type of content and shape
 * (each field and its type) are the same, and what differs has its reason in the row or in `reasons.ts`.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { containerRows } from './api-surface/containers.ts';
import { imageRows } from './api-surface/images.ts';
import { networkRows, volumeRows } from './api-surface/networks.ts';
import { reasonFor, unused } from './api-surface/reasons.ts';
import { ask, type Row, version } from './api-surface/row.ts';
import { differencesOf, messageIn, shapeOf } from './api-surface/shape.ts';
import { systemRows } from './api-surface/system.ts';
import { versionRows } from './api-surface/versions.ts';
import { soon } from './commands.ts';
import { isExpected, missingDockerd, openDockerPeer } from './docker-peer.ts';
import { openTestEngine } from './engine.ts';
import type { EngineHost } from './engine-host.ts';

const rows = [...versionRows, ...systemRows, ...networkRows, ...volumeRows, ...containerRows, ...imageRows];
const missing = missingDockerd();

/** Asked by clients that give more than they must, so that defaults of versions do not matter. */
const webConfig = {
  Image: 'busybox',
  Cmd: ['sh', '-c', 'echo out; echo err >&2; exec sleep 1000'],
  Env: ['A=b'],
  Labels: { k: 'v' },
  ExposedPorts: { '80/tcp': {} },
  HostConfig: {
    NetworkMode: 'surf',
    PortBindings: { '80/tcp': [{ HostPort: '8099' }] },
    Binds: ['data:/data'],
    RestartPolicy: { Name: 'no' },
  },
};

async function furnish(engine: EngineHost): Promise<void> {
  const post = async (path: string, json?: unknown): Promise<void> => {
    const { status, text } = await engine.api('POST', path, json === undefined ? {} : { json });
    if (status >= 300) throw new Error(`${path}: ${status} ${text}`);
  };
  await post(`${version}/networks/create`, { Name: 'surf', Labels: { a: 'b' } });
  await post(`${version}/volumes/create`, { Name: 'data', Labels: { a: 'b' } });
  await post(`${version}/containers/create?name=done`, {
    Image: 'busybox',
    Cmd: ['sh', '-c', 'echo bye; exit 3'],
  });
  await post(`${version}/containers/create?name=fresh`, { Image: 'busybox' });
  await post(`${version}/containers/create?name=web`, webConfig);
  await post(`${version}/containers/web/start`);
  await post(`${version}/containers/done/start`);
  await post(`${version}/containers/done/wait`);
  const said = async (): Promise<boolean> =>
    (await engine.api('GET', `${version}/containers/web/logs?stdout=1&stderr=1`)).text.includes('err');
  if (!(await soon(said, 10_000))) throw new Error('web has said nothing');
}

const titleOf = ({ call, json, body }: Row): string => {
  const sent = json === undefined ? (body ?? '') : JSON.stringify(json);
  return `${decodeURIComponent(call)} ${sent}`.trim();
};
const titled = rows.map((row) => [titleOf(row), row] as const);

describe('seaway', () => {
  const seaway = openTestEngine();
  const docker = missing === undefined ? openDockerPeer() : undefined;
  beforeAll(async () => {
    await Promise.all([seaway, docker].map(async (engine) => engine && (await furnish(engine))));
  }, 60_000);

  test.each(titled)('answers %s', async (_title, row) => {
    const answer = await ask(seaway, row);
    expect(answer.status, answer.text.slice(0, 300)).toBe(row.status);
    if (row.message !== undefined) expect(messageIn(answer)).toBe(row.message);
  });

  describe.skipIf(docker === undefined)(`beside Docker${missing ? ` (skipped: ${missing})` : ''}`, () => {
    const seen: string[] = [];

    test.each(titled)('%s', async (_title, row) => {
      if (!docker) return;
      const [theirs, ours] = await Promise.all([docker, seaway].map((engine) => ask(engine, row)));
      if (!theirs || !ours) throw new Error('no answers');
      const differences = differencesOf(shapeOf(theirs), shapeOf(ours));
      if (row.differs !== undefined && isExpected(row)) {
        if (row.beside !== 'older') expect(differences, row.differs).not.toEqual([]);
        return;
      }
      seen.push(...differences);
      expect(differences.filter((line) => reasonFor(line) === undefined)).toEqual([]);
    });

    test('every reason for a difference is needed', () => {
      expect(unused(seen)).toEqual([]);
    });
  });
});
