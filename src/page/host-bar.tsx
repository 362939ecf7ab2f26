/** This host with its links, and the other ones. */
import type { MapHost } from '#client/map-answers.ts';
import { Mark } from './card.tsx';
import type { Box } from './layout.ts';
import type { Choice, Picture } from './look-up.ts';

/** More than that: the others are under this one. */
const oneRow = 70;

interface Props {
  readonly picture: Picture;
  readonly place: Box;
  readonly pick: (choice: Choice) => void;
}

export function HostBar({ picture, place, pick }: Props) {
  const { Host, Hosts } = picture;
  const others = Hosts.filter(({ Status }) => Status !== 'here');
  const style = {
    left: `${place.x}px`,
    top: `${place.y}px`,
    width: `${place.width}px`,
    height: `${place.height}px`,
  };
  return (
    <div class={`hosts${place.height > oneRow ? ' stacked' : ''}`} style={style}>
      <button type="button" class="host here" tabIndex={-1} onClick={() => pick({ kind: 'host', id: '' })}>
        <span class="line">
          <Mark condition="good" />
          <strong class="name">{Host.Name}</strong>
          <span class="tag">this host</span>
        </span>
        <span class="line small">
          {Host.Links.slice(0, 4).map(({ Name, Addresses }) => (
            <span key={Name} class="address">
              {Name} {Addresses[0]}
            </span>
          ))}
        </span>
      </button>
      {others.map((node) => (
        <OtherHost key={node.Id} node={node} pick={pick} />
      ))}
    </div>
  );
}

function OtherHost({ node, pick }: { readonly node: MapHost } & Pick<Props, 'pick'>) {
  return (
    <button type="button" class="host" tabIndex={-1} onClick={() => pick({ kind: 'node', id: node.Id })}>
      <span class="line">
        <Mark condition={node.Status === 'lost' ? 'bad' : 'far'} />
        <strong class="name">{node.Name}</strong>
      </span>
      <span class="line small">
        <span class="address">{node.Addresses[0] ?? ''}</span>
      </span>
    </button>
  );
}
