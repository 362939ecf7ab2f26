/** `docker login`: checks credentials. The client keeps them; the engine does not. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fail } from '../errors.ts';
import { discard } from './discard.ts';
import type { Credentials } from './images.ts';
import { registryOf } from './reference.ts';
import { signIn } from './skopeo.ts';
import type { ImageStore } from './store.ts';

/** Throws REGISTRY_DENIED or REGISTRY_FAILED, or BAD_REQUEST for an invalid address. */
export async function signInAt(store: ImageStore, address: string, auth: Credentials): Promise<void> {
  const domain = registryOf(address);
  if (auth.username === '') throw fail('BAD_REQUEST', 'username is required to sign in to a registry');
  const folder = join(store.folder, `.sign-in-${randomUUID()}`);
  try {
    await signIn(folder, domain, { auth, insecure: store.insecureRegistries() });
  } finally {
    await discard(folder, store.logger);
  }
}
