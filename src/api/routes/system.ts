/** Ping, version, info, disk usage, and the sign-in that we refuse. */

import type { Engine } from '../../engine/verbs.ts';
import { fail } from '../../errors.ts';
import { presentListEntry } from '../presenters/container-list.ts';
import { isRunning } from '../presenters/container-state.ts';
import { namesOrNull, presentImageEntry } from '../presenters/image.ts';
import { type ObjectCounts, presentInfo } from '../presenters/info.ts';
import { layerUse } from '../presenters/layers.ts';
import { presentStanding, presentState } from '../presenters/swarm.ts';
import { presentVolume } from '../presenters/volume.ts';
import { type Answer, type Call, empty, json, type Route, route } from '../route.ts';
import { newest, oldest } from '../version.ts';

/** Headers that clients read first; the classic builder is named because there is no BuildKit. */
function pingHeaders(call: Call): void {
  const { response } = call;
  response.setHeader('Builder-Version', '1');
  response.setHeader('Cache-Control', 'no-cache, no-store, must-revalidate');
  response.setHeader('Pragma', 'no-cache');
  response.setHeader('Swarm', presentState(call.engine.swarm));
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
}

function ping(call: Call): Answer {
  pingHeaders(call);
  return { kind: 'text', status: 200, value: 'OK' };
}

function pingHead(call: Call): Answer {
  pingHeaders(call);
  return empty(200);
}

async function version(call: Call): Promise<Answer> {
  const facts = await call.engine.system.version();
  const details = {
    ApiVersion: newest,
    Arch: facts.arch,
    BuildTime: facts.buildTime,
    Experimental: 'false',
    GitCommit: facts.gitCommit,
    GoVersion: '',
    KernelVersion: facts.kernel,
    MinAPIVersion: oldest,
    Os: 'linux',
  };
  return json({
    Platform: { Name: 'Seaway' },
    Components: [
      { Name: 'Engine', Version: facts.version, Details: details },
      { Name: 'runc', Version: facts.runc, Details: {} },
      { Name: 'conmon', Version: facts.conmon, Details: {} },
    ],
    Version: facts.version,
    ApiVersion: newest,
    MinAPIVersion: oldest,
    GitCommit: facts.gitCommit,
    GoVersion: '',
    Os: 'linux',
    Arch: facts.arch,
    KernelVersion: facts.kernel,
    BuildTime: facts.buildTime,
  });
}

function countObjects(engine: Engine): ObjectCounts {
  const states = engine.containers.list().map(({ container }) => container.state);
  const paused = states.filter((state) => state.status === 'paused').length;
  const running = states.filter(isRunning).length - paused;
  return { containers: states.length, running, paused, images: engine.images.list().length };
}

async function info({ engine, version }: Call): Promise<Answer> {
  const info = await engine.system.info();
  const swarm = presentStanding(engine.swarm);
  return json(presentInfo(info, { counts: countObjects(engine), swarm, version, now: new Date() }));
}

/** The newest first, as in a list. */
async function containersUsage({ engine, version: minor }: Call): Promise<readonly object[]> {
  const newestFirst = engine.containers
    .list()
    .toSorted((a, b) => (a.container.created < b.container.created ? 1 : -1));
  return await Promise.all(
    newestFirst.map(async (detail) => {
      const size = await engine.containers.size(detail.container.id);
      return presentListEntry(detail, { version: minor, now: Date.now(), linkNames: [], size });
    }),
  );
}

async function volumesUsage({ engine }: Call): Promise<readonly object[]> {
  return await Promise.all(
    engine.volumes.own().map(async ({ volume, usedBy }) => {
      const size = await engine.volumes.size(volume.name);
      return presentVolume(volume, { usage: { refCount: usedBy.length, size } });
    }),
  );
}

/** `docker system df`: `type` may name the kinds that are wanted. */
async function diskUsage(call: Call): Promise<Answer> {
  const types = call.query.list('type');
  const wants = (type: string): boolean => types.length === 0 || types.includes(type);
  const known = ['container', 'image', 'volume', 'build-cache'];
  const unknown = types.find((type) => !known.includes(type));
  if (unknown !== undefined) throw fail('BAD_REQUEST', `unknown object type: ${unknown}`);
  const images = call.engine.images.list();
  const { total, shared } = layerUse(images.map(({ image }) => image));
  const entries = images.map(({ image, containers }) => ({
    ...presentImageEntry(image, { version: call.version, containers, sharedSize: shared(image) }),
    ...namesOrNull(image),
  }));
  return json({
    LayersSize: wants('image') ? total : 0,
    Images: wants('image') ? entries : null,
    Containers: wants('container') ? await containersUsage(call) : null,
    Volumes: wants('volume') ? await volumesUsage(call) : null,
    BuildCache: wants('build-cache') ? [] : null,
  });
}

export const systemRoutes: readonly Route[] = [
  route('GET', '/_ping', ping),
  route('HEAD', '/_ping', pingHead),
  route('GET', '/version', version),
  route('GET', '/info', info),
  route('GET', '/system/df', diskUsage),
  route('OPTIONS', '/*', () => empty(200)),
];
