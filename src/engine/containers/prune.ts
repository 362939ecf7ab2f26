/** `docker container prune`: removes containers that do not run. */
import type { Container } from '../../model/container.ts';
import { type Removing, remove } from './remove.ts';

export async function prune(
  core: Removing,
  matches: (container: Container) => boolean,
): Promise<{ readonly removed: readonly string[]; readonly bytes: number }> {
  const idle = ['created', 'exited', 'dead'];
  const candidates = Array.from(core.model.all('containers')).filter(
    (container) => idle.includes(container.state.status) && matches(container),
  );
  let bytes = 0;
  for (const container of candidates) {
    const image = core.model.get('images', container.image);
    if (image) bytes += (await core.images.rootSize(container.id, image)).rw;
    await remove(core, container.id, { force: false, volumes: false, link: false });
  }
  core.events.emit({ type: 'container', action: 'prune', id: '', attributes: { reclaimed: String(bytes) } });
  return { removed: candidates.map(({ id }) => id), bytes };
}
