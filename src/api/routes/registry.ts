/** Requests to a registry other than pulls: `POST /auth` and `POST /images/{name}/push`. */
import type { Static } from 'typebox';
import { fail } from '../../errors.ts';
import { type Answer, type Call, json, param, post, type Route, route } from '../route.ts';
import { authConfig } from '../schemas/registry.ts';
import { goneWith, withProgress } from '../streaming.ts';
import { referenceOf } from './image-reference.ts';
import { credentialsOf } from './images-create.ts';

/** No token is given out: clients keep the password, and send it with each pull and push. */
async function signIn({ body, engine }: Call<Static<typeof authConfig>>): Promise<Answer> {
  const { username = '', password = '', serveraddress = '', identitytoken, registrytoken } = body;
  if (identitytoken || registrytoken) throw fail('NOT_SUPPORTED', 'signing in to a registry with a token');
  await engine.images.signIn(serveraddress, { username, password });
  return json({ IdentityToken: '', Status: 'Login Succeeded' });
}

/** Without a tag: all of the repository. */
function push(call: Call): Promise<Answer> {
  const auth = credentialsOf(call);
  const reference = referenceOf(param(call, 'name'), call.query.text('tag'));
  if (call.query.text('platform') !== '') throw fail('NOT_SUPPORTED', 'pushing one platform of an image');
  const options = { gone: goneWith(call.response), ...(auth && { auth }) };
  return withProgress(call.response, (lines) =>
    call.engine.images.push(reference, options, (line) => void lines.write(line)),
  );
}

export const registryRoutes: readonly Route[] = [
  post('/auth', authConfig, signIn),
  route('POST', '/images/:name/push', push),
];
