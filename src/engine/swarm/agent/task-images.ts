/** Images of tasks: one that is there is taken as it is, without asking a registry. */
import { hasCode, messageOf } from '../../../errors.ts';
import { registryAuth } from '../../../images/registry-auth.ts';
import type { SwarmTask } from '../../../swarm/records.ts';
import type { Core } from '../../core.ts';
import { askForImage, imageVerbs, type KeepingImages } from '../../images.ts';

export type PullingImages = KeepingImages & Pick<Core, 'queue'>;

/** Never rejects: creating the container gives the error of a missing image, as with Docker. */
export async function provideImage(core: PullingImages, task: SwarmTask, gone: AbortSignal): Promise<void> {
  const { Image = '', PullOptions } = task.spec.ContainerSpec ?? {};
  try {
    if (await isThere(core, Image)) return;
    const auth = registryAuth(PullOptions?.RegistryAuth ?? '');
    // tasks of one service want the same one
    await core.queue.run(`image ${Image}`, async () => {
      if (gone.aborted || (await isThere(core, Image))) return;
      const options = { platform: '', gone, ...(auth && { auth }) };
      await imageVerbs(core).pull(Image, options, () => undefined);
    });
  } catch (error) {
    if (gone.aborted) return;
    core.logger.warn('the image of a task cannot be pulled', { image: Image, why: messageOf(error) });
  }
}

async function isThere(core: PullingImages, image: string): Promise<boolean> {
  try {
    await askForImage(core, image);
    return true;
  } catch (error) {
    if (hasCode(error, 'IMAGE_NOT_FOUND')) return false;
    throw error;
  }
}
