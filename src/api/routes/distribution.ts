/** `GET /distribution/{name}/json`: what a registry has by a name. */
import { type Call, json, param, type Route, route } from '../route.ts';
import { goneWith } from '../streaming.ts';
import { credentialsOf } from './images-create.ts';

/** As Docker, which ignores credentials here that make no sense. */
function credentials(call: Call): ReturnType<typeof credentialsOf> {
  try {
    return credentialsOf(call);
  } catch {
    return undefined;
  }
}

export const distributionRoutes: readonly Route[] = [
  route('GET', '/distribution/:name/json', async (call) => {
    const auth = credentials(call);
    const options = { gone: goneWith(call.response), ...(auth && { auth }) };
    const { mediaType, digest, size, platforms } = await call.engine.images.lookUp(
      param(call, 'name'),
      options,
    );
    return json({
      Descriptor: { mediaType, digest, size },
      Platforms: platforms.length > 0 ? platforms : null,
    });
  }),
];
