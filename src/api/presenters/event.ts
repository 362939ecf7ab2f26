/** Events as `docker events` reads them (Docker Engine API 1.50: EventMessage). */
import type { EngineEvent } from '../../observe/events.ts';

/** Fields of before 1.22 that clients still read, for containers and images. */
function legacy(event: EngineEvent): object {
  if (event.type !== 'container' && event.type !== 'image') return {};
  const from = event.attributes.image;
  return { status: event.action, id: event.id, ...(event.type === 'container' && from && { from }) };
}

/** By name, as Docker's maps are printed. */
const sorted = (attributes: EngineEvent['attributes']): EngineEvent['attributes'] =>
  Object.fromEntries(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));

export function presentEvent(event: EngineEvent): object {
  return {
    ...legacy(event),
    Type: event.type,
    Action: event.action,
    Actor: { ID: event.id, Attributes: sorted(event.attributes) },
    scope: event.scope ?? 'local',
    time: Number(event.time / 1_000_000_000n),
    // 19 digits are more than a double holds exactly; Docker's own JSON clients in JavaScript see the same.
    timeNano: Number(event.time),
  };
}
