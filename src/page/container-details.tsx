import type { MapContainer, MapEndpoint } from '#client/map-answers.ts';
import type { PolicyItem, PublishedPorts } from '#client/seaway-answers.ts';
import { Actions } from './actions.tsx';
import { Capture } from './capture.tsx';
import { usePage } from './context.ts';
import { ExplainButtons } from './explain-panel.tsx';
import { conditionText, type Picture } from './look-up.ts';
import { Facts, isProblem, Section, useCall } from './parts.tsx';
import { bytesText, rateText } from './rates.ts';
import { Rules } from './rules.tsx';

export function ContainerDetails({
  picture,
  container,
}: {
  readonly picture: Picture;
  readonly container: MapContainer;
}) {
  const { Id, Name, Image, State, ExitCode, StartedAt, NetworkMode, Joined, Labels } = container;
  const endpoints = picture.endpointsOf.get(Joined || Id) ?? [];
  const hasEnded = State === 'exited' || State === 'dead';
  return (
    <>
      <Facts
        facts={[
          ['State', `${conditionText(container)}${hasEnded ? ` (${ExitCode})` : ''}`],
          ['Since', StartedAt && new Date(StartedAt).toLocaleString('en-GB')],
          ['Image', Image],
          [
            'Network',
            Joined ? `in the namespace of ${picture.containerById.get(Joined)?.Name ?? Joined}` : NetworkMode,
          ],
          ['Project', Labels['com.docker.compose.project']],
          ['Service', Labels['com.docker.compose.service'] ?? Labels['com.docker.swarm.service.name']],
          ['Id', Id.slice(0, 12)],
        ]}
      />
      <Actions container={container} picture={picture} />
      <ExplainButtons choice={{ kind: 'container', id: Id }} />
      {endpoints.map((endpoint) => (
        <Endpoint key={endpoint.Id} picture={picture} endpoint={endpoint} />
      ))}
      <Ports container={container} />
      <Policies name={Name} />
      <Rules query={{ container: Id }} on={container} />
      {State === 'running' && <Capture what={`container:${Name}`} />}
    </>
  );
}

function Endpoint({ picture, endpoint }: { readonly picture: Picture; readonly endpoint: MapEndpoint }) {
  const { store, state } = usePage();
  const { Id, Network, Addresses, MacAddress, Interface, HostLink, DNSNames } = endpoint;
  const counters = state.traffic?.Endpoints[Id];
  const rate = state.rates.get(Id);
  const choice = { kind: 'network', id: Network } as const;
  return (
    <Section title={`On ${picture.networkById.get(Network)?.Name ?? Network}`}>
      <Facts
        facts={[
          ['Addresses', Addresses.join(', ')],
          ['Names', DNSNames.join(', ')],
          ['Interface', HostLink === '' ? Interface : `${Interface}, on the host ${HostLink}`],
          ['MAC', MacAddress],
          ['Received', counters && `${bytesText(counters[0])}${rate ? `, ${rateText(rate.received)}` : ''}`],
          ['Sent', counters && `${bytesText(counters[1])}${rate ? `, ${rateText(rate.sent)}` : ''}`],
          ['Dropped', counters?.[4] ? `${counters[4]} packets` : ''],
        ]}
      />
      <button type="button" class="link-button" onClick={() => store.set({ choice })}>
        Show the network
      </button>
    </Section>
  );
}

/** As they are on the host: whether its firewall refuses them is asked for now. */
function Ports({ container }: { readonly container: MapContainer }) {
  const asked = useCall<PublishedPorts>(`/seaway/containers/${container.Id}/ports`, { on: container });
  const ports = asked && !isProblem(asked) ? asked.Ports : container.Ports;
  if (ports.length === 0) return null;
  return (
    <Section title="Ports">
      <ul class="lines-of">
        {ports.map(({ Port, Host, State }) => (
          <li key={`${Host} ${Port}`}>
            <code>
              {Host && `${Host} → `}
              {Port}
            </code>{' '}
            <span class="small">{State}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Policies({ name }: { readonly name: string }) {
  const all = useCall<readonly PolicyItem[]>('/seaway/policies', { on: name });
  if (!all || isProblem(all)) return null;
  const mine = all.filter(({ Containers }) => Containers.includes(name));
  if (mine.length === 0) return null;
  return (
    <Section title="Policies">
      {mine.map(({ Name, Ingress, Egress, OtherwiseDenied }) => (
        <div key={Name}>
          <strong>{Name}</strong>
          <ul class="lines-of">
            {[
              ...Ingress.map((rule) => ['from', rule] as const),
              ...Egress.map((rule) => ['to', rule] as const),
            ].map(([way, { Verdict, Remote, Ports: ports, Packets }]) => (
              <li key={`${way} ${Remote} ${ports.join()}`}>
                {Verdict} {way} {Remote} {ports.join(', ')} <span class="small">{Packets} packets</span>
              </li>
            ))}
            <li>
              denied otherwise <span class="small">{OtherwiseDenied.Packets} packets</span>
            </li>
          </ul>
        </div>
      ))}
    </Section>
  );
}
