/** `docker rm --link`: removes a legacy link; its source is not affected. */
import { fail } from '../../errors.ts';
import { aliasOf, withoutLink } from '../../model/links.ts';
import { findContainer } from '../../model/references.ts';
import { type Changing, takeAway } from '../change.ts';
import type { Core } from '../core.ts';

export type Unlinking = Changing & Pick<Core, 'queue'>;

/** `path` is `/recipient/alias`. Throws CONTAINER_NOT_FOUND if there is no such link, as dockerd. */
export async function unlink(core: Unlinking, path: string): Promise<void> {
  const [recipient = '', alias] = path.replace(/^\//, '').split('/', 2);
  if (alias === undefined) {
    findContainer(core.model, recipient);
    throw fail('LINK_OF_ITSELF');
  }
  const container = core.model.containerByName(recipient);
  if (!container) throw fail('CONTAINER_NOT_FOUND', path);
  await core.queue.run(container.id, () => take(core, container.id, { alias, path }));
}

async function take(
  core: Unlinking,
  id: string,
  { alias, path }: { readonly alias: string; readonly path: string },
): Promise<void> {
  await takeAway(core, (view) => {
    const container = view.get('containers', id);
    if (!container?.hostConfig.Links?.some((spec) => aliasOf(spec) === alias))
      throw fail('CONTAINER_NOT_FOUND', path);
    return [{ table: 'containers', put: withoutLink(container, alias) }];
  });
}
