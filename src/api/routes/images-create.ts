/** `POST /images/create`: pull from a registry, or import an archive. */
import { fail } from '../../errors.ts';
import { registryAuth } from '../../images/registry-auth.ts';
import { type Answer, type Call, taken } from '../route.ts';
import { goneWith, jsonLines, withProgress } from '../streaming.ts';
import { referenceOf } from './image-reference.ts';

/** Credentials of the request; undefined if it names no user. */
export function credentialsOf(call: Call): ReturnType<typeof registryAuth> {
  const header = call.headers['x-registry-auth'];
  return registryAuth(typeof header === 'string' ? header : '');
}

function pull(call: Call, image: string): Promise<Answer> {
  const auth = credentialsOf(call);
  const platform = call.query.text('platform');
  // Without a tag the CLI means `latest`; all tags at once are asked for by leaving it out (`--all-tags`).
  const reference = referenceOf(image, call.query.text('tag'));
  const options = { platform, gone: goneWith(call.response), ...(auth && { auth }) };
  return withProgress(call.response, (lines) =>
    call.engine.images.pull(reference, options, (line) => void lines.write(line)),
  );
}

/** The CLI sends `-` for the request's body; importing from a URL is not supported. */
async function importArchive(call: Call): Promise<Answer> {
  const { query } = call;
  const source = query.text('fromSrc');
  if (source !== '-') {
    throw fail(
      'NOT_SUPPORTED',
      `an import from ${source || 'nothing'} (fetch it, and import it from standard input)`,
    );
  }
  const image = await call.engine.images.import(call.upload, {
    reference: referenceOf(query.text('repo'), query.text('tag')),
    message: query.text('message'),
    changes: query.list('changes'),
    platform: query.text('platform'),
  });
  const lines = jsonLines(call.response);
  lines.write({ status: image.id });
  lines.end();
  return taken;
}

export function createImage(call: Call): Promise<Answer> {
  const image = call.query.text('fromImage');
  return image === '' ? importArchive(call) : pull(call, image);
}
