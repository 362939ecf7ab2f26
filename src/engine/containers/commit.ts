/** `docker commit`: an image of a container's root; the container can be paused meanwhile. */
import type { CommitOptions } from '../../images/images.ts';
import type { Image } from '../../model/image.ts';
import { findContainer } from '../../model/references.ts';
import type { Core } from '../core.ts';
import { emitImage, familiarString } from '../images.ts';
import { emitContainer } from './container-events.ts';
import { pause, type Stopping, unpause } from './stop.ts';

export type Committing = Stopping & Pick<Core, 'images'>;

export async function commit(
  core: Committing,
  ref: string,
  options: CommitOptions & { readonly pause: boolean },
): Promise<Image> {
  const container = findContainer(core.model, ref);
  const pauses = options.pause && container.state.status === 'running';
  if (pauses) await pause(core, container.id);
  try {
    return await commitAsItIs(core, container.id, options);
  } finally {
    if (pauses) await goOn(core, container.id);
  }
}

/** Unpauses it unless it has ended or was unpaused meanwhile. */
async function goOn(core: Committing, id: string): Promise<void> {
  if (core.model.get('containers', id)?.state.status !== 'paused') return;
  try {
    await unpause(core, id);
  } catch (error) {
    core.logger.warn('letting a container go on after a commit', { container: id, error });
  }
}

async function commitAsItIs(
  core: Pick<Core, 'events' | 'images' | 'model'>,
  id: string,
  options: CommitOptions,
): Promise<Image> {
  const container = findContainer(core.model, id);
  const image = core.images.get(container.image);
  const { comment, reference } = options;
  const made = await core.images.commitRoot(id, image, options);
  if (reference !== '') emitImage(core, 'tag', made, familiarString(reference));
  emitContainer(core, 'commit', container, {
    comment,
    imageID: made.id,
    imageRef: reference && familiarString(reference),
  });
  return made;
}
