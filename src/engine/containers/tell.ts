/** Events of containers, with the attributes that Docker gives them. */
import type { Container } from '../../model/container.ts';
import type { Core } from '../core.ts';

export function tellContainer(
  core: Pick<Core, 'events'>,
  action: string,
  container: Container,
  more: Readonly<Record<string, string>> = {},
): void {
  core.events.emit({
    type: 'container',
    action,
    id: container.id,
    attributes: {
      ...container.config.Labels,
      ...more,
      image: container.config.Image,
      name: container.name,
    },
  });
}
