/** Endpoints that are of no container of this host, and services. */
import { ExplainButtons } from './explain-panel.tsx';
import type { Picture } from './look-up.ts';
import { Facts } from './parts.tsx';

interface Props {
  readonly picture: Picture;
  readonly id: string;
}

export function EndpointDetails({ picture, id }: Props) {
  const found = picture.Endpoints.find(({ Id }) => Id === id);
  if (!found) return null;
  const node = picture.Hosts.find(({ Id }) => Id === found.Host);
  return (
    <>
      <Facts
        facts={[
          ['What', found.Kind === 'peer' ? 'of another host' : 'a namespace that the engine did not make'],
          ['Host', node?.Name],
          ['Network', picture.networkById.get(found.Network)?.Name],
          ['Addresses', found.Addresses.join(', ')],
          ['Names', found.DNSNames.join(', ')],
          ['MAC', found.MacAddress],
          ['Interface', found.Interface],
        ]}
      />
      <ExplainButtons choice={{ kind: 'endpoint', id }} />
    </>
  );
}

export function ServiceDetails({ picture, id }: Props) {
  const found = picture.Services.find(({ Id }) => Id === id);
  if (!found) return null;
  return (
    <>
      <Facts
        facts={[
          ['Network', picture.networkById.get(found.Network)?.Name],
          ['Addresses', found.Addresses.join(', ')],
          ['Tasks', `${found.Tasks}, of which ${found.Open} get connections`],
        ]}
      />
      <ExplainButtons choice={{ kind: 'service', id }} />
    </>
  );
}
