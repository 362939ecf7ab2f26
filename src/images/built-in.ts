/**
 * The built-in image `busybox:latest`, for machines without a registry. It is made at its first use. Nothing in it
 * depends on the engine or the date, so its id is the same for the same busybox.
 */
import { hasCode, messageOf } from '../errors.ts';
import { busyboxRoot } from './busybox.ts';
import type { Progress } from './images.ts';
import { importArchive } from './import.ts';
import { findImage } from './lookup.ts';
import { familiar, parseReference, withDefaultTag } from './reference.ts';
import type { ImageStore } from './store.ts';

const builtInName = 'busybox:latest';

/** The creation date of the image on all engines. */
const builtInDate = '1970-01-01T00:00:00Z';

/** Whether a name that a user gave means the built-in image. */
export function meansBuiltIn(asked: string): boolean {
  try {
    return familiar(withDefaultTag(parseReference(asked))) === builtInName;
  } catch {
    return false;
  }
}

/** Makes it unless an image has its name. Throws RUNTIME_FAILED without a static busybox. */
export async function ensureBusybox(store: ImageStore): Promise<void> {
  if (findImage(store.records.view, builtInName)) return;
  await importArchive(store, await busyboxRoot(), {
    reference: builtInName,
    created: builtInDate,
    message: 'Made from the busybox of this machine',
    changes: ['CMD ["sh"]'],
    platform: '',
  });
}

interface FailedPull {
  readonly reference: string;
  readonly thrown: unknown;
  readonly progress: Progress;
}

/** After a failed pull the built-in image takes the place of Docker Hub's, unless an image has its name. */
export async function orBuiltIn(
  store: ImageStore,
  { reference, thrown, progress }: FailedPull,
): Promise<void> {
  const isCutOff = hasCode(thrown, 'REGISTRY_FAILED', 'NOT_SUPPORTED');
  if (!isCutOff || !meansBuiltIn(reference) || findImage(store.records.view, builtInName)) throw thrown;
  await ensureBusybox(store);
  progress({ status: `Docker Hub cannot be reached (${messageOf(thrown)})` });
  progress({ status: `Status: Using the built-in image ${builtInName}` });
}
