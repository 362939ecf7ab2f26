/** What happened, the latest first. */
import { usePage } from './context.ts';
import { type Choice, isThere, type Picture } from './look-up.ts';
import type { EventLine } from './store.ts';

export function EventsPanel({ picture }: { readonly picture: Picture }) {
  const { state } = usePage();
  return (
    <>
      <h2>Events</h2>
      {state.events.length === 0 && <p class="small">Nothing has happened since the engine was started.</p>}
      <ol class="events">
        {state.events.map((event) => (
          <Line key={`${event.timeNano} ${event.Actor.ID} ${event.Action}`} event={event} picture={picture} />
        ))}
      </ol>
    </>
  );
}

function Line({ event, picture }: { readonly event: EventLine; readonly picture: Picture }) {
  const { store } = usePage();
  const { Type, Action, Actor, timeNano } = event;
  const name = Actor.Attributes.name || Actor.ID.slice(0, 12);
  const choice = choiceOf(event);
  const other =
    Type === 'network' ? picture.containerById.get(Actor.Attributes.container ?? '')?.Name : undefined;
  return (
    <li
      class={Action === 'heal' || Action === 'die' || Action === 'oom' || Action === 'warning' ? 'loud' : ''}
    >
      <time>{new Date(timeNano / 1e6).toLocaleTimeString('en-GB')}</time>
      <span>
        {Type} <strong>{Action}</strong>{' '}
        {choice && isThere(picture, choice) ? (
          <button type="button" class="link-button" onClick={() => store.set({ choice, panel: 'details' })}>
            {name}
          </button>
        ) : (
          name
        )}
        {other && ` ${other}`}
        {Action === 'die' && ` (${Actor.Attributes.exitCode ?? ''})`}
        {Actor.Attributes.what && ` ${Actor.Attributes.what}`}
      </span>
    </li>
  );
}

function choiceOf({ Type, Actor }: EventLine): Choice | undefined {
  return Type === 'container' || Type === 'network' ? { kind: Type, id: Actor.ID } : undefined;
}
