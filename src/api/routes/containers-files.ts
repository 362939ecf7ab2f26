/** `/containers/{id}/...`: files in and out, and images made of them. */

import { fail } from '../../errors.ts';
import type { PathStat } from '../../images/path-stat.ts';
import type { ContainerConfig } from '../../model/container.ts';
import type { ImageConfig } from '../../model/image.ts';
import { commandOf } from '../presenters/container-config.ts';
import { type Answer, type Call, created, empty, param, post, type Route, route } from '../route.ts';
import { type ContainerConfigBody, containerConfig } from '../schemas/containers.ts';
import { wordList } from '../schemas/fields.ts';
import { sendStream } from '../streaming.ts';
import { referenceOf } from './image-reference.ts';

const tar = 'application/x-tar';

function pathOf({ query }: Call): string {
  const path = query.text('path');
  if (path === '') throw fail('BAD_REQUEST', 'bad parameter: path cannot be empty');
  return path;
}

/** The header that `docker cp` reads before it unpacks. */
function setStat(call: Call, stat: PathStat): void {
  const { name, size, mode, mtime, linkTarget } = stat;
  const text = JSON.stringify({ name, size, mode, mtime, linkTarget });
  call.response.setHeader('X-Docker-Container-Path-Stat', Buffer.from(text).toString('base64'));
}

async function statPath(call: Call): Promise<Answer> {
  setStat(call, await call.engine.containers.statPath(param(call, 'id'), pathOf(call)));
  return empty(200);
}

async function readArchive(call: Call): Promise<Answer> {
  const { stat, archive } = await call.engine.containers.readArchive(param(call, 'id'), pathOf(call));
  setStat(call, stat);
  return await sendStream(call.response, archive, { contentType: tar, log: call.log });
}

async function writeArchive(call: Call): Promise<Answer> {
  await call.engine.containers.writeArchive(param(call, 'id'), pathOf(call), call.upload, {
    noOverwriteDirNonDir: call.query.flag('noOverwriteDirNonDir'),
    copyUIDGID: call.query.flag('copyUIDGID'),
  });
  return empty(200);
}

async function exportRoot(call: Call): Promise<Answer> {
  const archive = await call.engine.containers.export(param(call, 'id'));
  return await sendStream(call.response, archive, { contentType: tar, log: call.log });
}

/** The configuration of a committed image: the container's, overridden by the request. */
function imageConfig(config: ContainerConfig, asked: ContainerConfigBody): ImageConfig {
  return {
    User: asked.User || config.User,
    ExposedPorts: { ...config.ExposedPorts, ...asked.ExposedPorts },
    Env: asked.Env ?? config.Env,
    Entrypoint: wordList(asked.Entrypoint) ?? config.Entrypoint,
    Cmd: wordList(asked.Cmd) ?? config.Cmd,
    Volumes: { ...config.Volumes, ...asked.Volumes },
    WorkingDir: asked.WorkingDir || config.WorkingDir,
    Labels: { ...config.Labels, ...asked.Labels },
    ...((asked.StopSignal || config.StopSignal) && { StopSignal: asked.StopSignal || config.StopSignal }),
    ...((asked.Healthcheck ?? config.Healthcheck) && {
      Healthcheck: asked.Healthcheck ?? config.Healthcheck,
    }),
  };
}

async function commit(call: Call<ContainerConfigBody>): Promise<Answer> {
  const { engine, query, body } = call;
  const { container, image } = engine.containers.get(query.text('container'));
  const own = { ...container.config, Cmd: commandOf(container.config, image?.config) };
  const config = container.config.Entrypoint ? container.config : { ...own, Entrypoint: null };
  const made = await engine.containers.commit(container.id, {
    reference: referenceOf(query.text('repo'), query.text('tag')),
    author: query.text('author'),
    comment: query.text('comment'),
    changes: query.list('changes'),
    config: imageConfig(config, body),
    pause: query.flag('pause', true),
  });
  return created({ Id: made.id });
}

export const containerFileRoutes: readonly Route[] = [
  route('HEAD', '/containers/:id/archive', statPath),
  route('GET', '/containers/:id/archive', readArchive),
  route('PUT', '/containers/:id/archive', writeArchive),
  route('GET', '/containers/:id/export', exportRoot),
  post('/commit', containerConfig, commit),
];
