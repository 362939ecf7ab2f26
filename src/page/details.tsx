/** All that is known of what is chosen. */
import { ContainerDetails } from './container-details.tsx';
import { usePage } from './context.ts';
import { HostDetails } from './host-details.tsx';
import { type Choice, nameOf, type Picture } from './look-up.ts';
import { NetworkDetails } from './network-details.tsx';
import { EndpointDetails, ServiceDetails } from './other-details.tsx';
import { Facts } from './parts.tsx';

const kinds: Readonly<Record<Choice['kind'], string>> = {
  container: 'Container',
  network: 'Network',
  endpoint: 'Endpoint',
  service: 'Service',
  host: 'Host',
  node: 'Host',
};

export function Details({ picture }: { readonly picture: Picture }) {
  const { store, state } = usePage();
  const choice = state.choice ?? { kind: 'host', id: '' };
  const troubles = picture.troublesOf.get(choice.id) ?? [];
  const mine = choice.kind === 'host' ? picture.Troubles.filter(({ Kind }) => Kind === 'host') : troubles;
  return (
    <>
      <h2>
        <span class="kind">{kinds[choice.kind]}</span> {nameOf(picture, choice)}
        {state.choice && (
          <button
            type="button"
            class="close"
            aria-label="Choose nothing"
            onClick={() => store.set({ choice: undefined, view: 'map' })}
          >
            ×
          </button>
        )}
      </h2>
      {mine.map(({ Why, Since, NextAttempt }) => (
        <p class="problem" key={Why}>
          {Why}
          {Since && <span class="small"> since {timeText(Since)}</span>}
          {NextAttempt && <span class="small">, next attempt {timeText(NextAttempt)}</span>}
        </p>
      ))}
      <Chosen key={`${choice.kind} ${choice.id}`} picture={picture} choice={choice} />
    </>
  );
}

function Chosen({ picture, choice: { kind, id } }: { readonly picture: Picture; readonly choice: Choice }) {
  const container = picture.containerById.get(id);
  const network = picture.networkById.get(id);
  if (kind === 'container' && container) return <ContainerDetails picture={picture} container={container} />;
  if (kind === 'network' && network) return <NetworkDetails picture={picture} network={network} />;
  if (kind === 'endpoint') return <EndpointDetails picture={picture} id={id} />;
  if (kind === 'service') return <ServiceDetails picture={picture} id={id} />;
  if (kind === 'host') return <HostDetails picture={picture} />;
  const node = picture.Hosts.find(({ Id }) => Id === id);
  return (
    <Facts
      facts={[
        ['State', node?.Status],
        ['Addresses', node?.Addresses.join(', ')],
        ['Endpoints', picture.Endpoints.filter(({ Host }) => Host === id).length],
        ['Id', id],
      ]}
    />
  );
}

/** In the time of who reads it. */
export const timeText = (time: string): string => {
  const at = new Date(time);
  return Number.isNaN(at.getTime()) ? time : at.toLocaleTimeString('en-GB');
};
