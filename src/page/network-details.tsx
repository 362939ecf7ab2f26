import type { MapNetwork } from '#client/map-answers.ts';
import { Connect } from './actions.tsx';
import { Capture } from './capture.tsx';
import { usePage } from './context.ts';
import type { Picture } from './look-up.ts';
import { Facts, Section } from './parts.tsx';
import { bytesText, rateText } from './rates.ts';
import { Rules } from './rules.tsx';

export function NetworkDetails({
  picture,
  network,
}: {
  readonly picture: Picture;
  readonly network: MapNetwork;
}) {
  const { state } = usePage();
  const { Id, Name, Driver, Scope, Internal, Ingress, Encrypted, Link, Pools, Options } = network;
  const counters = state.traffic?.Networks[Id];
  const rate = state.rates.get(Id);
  const kind = [
    Driver,
    Scope !== 'local' && Scope,
    Internal && 'internal',
    Ingress && 'ingress',
    Encrypted && 'encrypted',
  ];
  const members = picture.Endpoints.filter((endpoint) => endpoint.Network === Id);
  return (
    <>
      <Facts
        facts={[
          ['Kind', kind.filter(Boolean).join(', ')],
          [
            'Subnets',
            Pools.map(({ Subnet, Gateway }) => (Gateway ? `${Subnet}, gateway ${Gateway}` : Subnet)).join(
              '; ',
            ),
          ],
          ['Link', Link],
          ['On it', `${members.length}`],
          [
            'To the host',
            counters && `${bytesText(counters[0])}${rate ? `, ${rateText(rate.received)}` : ''}`,
          ],
          ['From the host', counters && `${bytesText(counters[1])}${rate ? `, ${rateText(rate.sent)}` : ''}`],
          ['Id', Id.slice(0, 12)],
        ]}
      />
      <Connect picture={picture} network={network} />
      <Members picture={picture} networkId={Id} />
      {Object.keys(Options).length > 0 && (
        <Section title="Options">
          <ul class="lines-of">
            {Object.entries(Options).map(([key, value]) => (
              <li key={key}>
                <code class="wrap">
                  {key}={value}
                </code>
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Rules query={{ network: Id }} on={network} />
      {Driver !== 'null' && Driver !== 'host' && <Capture what={`network:${Name}`} />}
    </>
  );
}

function Members({ picture, networkId }: { readonly picture: Picture; readonly networkId: string }) {
  const { store } = usePage();
  const members = picture.Endpoints.filter(({ Network }) => Network === networkId);
  if (members.length === 0) return null;
  return (
    <Section title="Addresses">
      <ul class="lines-of">
        {members.map(({ Id, Name, Container, Addresses }) => (
          <li key={Id}>
            <button
              type="button"
              class="link-button"
              onClick={() =>
                store.set({
                  choice: Container ? { kind: 'container', id: Container } : { kind: 'endpoint', id: Id },
                })
              }
            >
              {Name}
            </button>{' '}
            <code>{Addresses.join(', ')}</code>
          </li>
        ))}
      </ul>
    </Section>
  );
}
