/** Events of containers, with the attributes that Docker gives them. */
import type { Container } from '../../model/container.ts';
import type { Events } from '../../observe/events.ts';

/** A part that emits events. */
interface Emitting {
  readonly events: Pick<Events, 'emit'>;
}

export function emitContainer(
  { events }: Emitting,
  action: string,
  container: Container,
  more: Readonly<Record<string, string>> = {},
): void {
  events.emit({
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

interface TellExec {
  readonly id: string;
  /** Command line, which is part of the action's name: `exec_create: sh -c true`. */
  readonly args?: readonly string[];
  readonly exitCode?: number;
}

/** Events of further processes. As in Docker, a command without arguments is followed by a blank. */
export function emitExec(
  emitting: Emitting,
  action: string,
  container: Container,
  { id, args, exitCode }: TellExec,
): void {
  const [program = '', ...rest] = args ?? [];
  emitContainer(emitting, args ? `${action}: ${program} ${rest.join(' ')}` : action, container, {
    execID: id,
    ...(exitCode === undefined ? {} : { exitCode: String(exitCode) }),
  });
}
