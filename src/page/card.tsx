/** A network and what is on it. */
import type { Box, Card, Tile } from './layout.ts';
import { type Choice, isSame } from './look-up.ts';
import { briefly, type Rate } from './rates.ts';
import type { State } from './store.ts';

interface Props {
  readonly card: Card;
  readonly state: State;
  readonly pick: (choice: Choice) => void;
}

const placeOf = ({ x, y, width, height }: Box) => ({
  left: `${x}px`,
  top: `${y}px`,
  width: `${width}px`,
  height: `${height}px`,
});

/** The ground of a card, behind the lines. */
export function Frame({ card, state }: Omit<Props, 'pick'>) {
  const { Id } = card.group.network;
  const isBad = state.picture?.troublesOf.has(Id);
  const isChosen = isSame(state.choice, { kind: 'network', id: Id });
  return <div class={`frame${isBad ? ' bad' : ''}${isChosen ? ' chosen' : ''}`} style={placeOf(card)} />;
}

export function NetworkCard({ card, state, pick }: Props) {
  const { network, members } = card.group;
  const choice: Choice = { kind: 'network', id: network.Id };
  const isBad = state.picture?.troublesOf.has(network.Id);
  const rate = state.rates.get(network.Id);
  return (
    <section class="card" style={placeOf(card)} aria-label={`Network ${network.Name}`}>
      <button type="button" class="head" tabIndex={-1} onClick={() => pick(choice)}>
        <span class="line">
          <strong class="name">{network.Name}</strong>
          <span class="tag">{network.Driver}</span>
          {network.Internal && <span class="tag">internal</span>}
          {network.Encrypted && <span class="tag">encrypted</span>}
          {isBad && <Mark condition="bad" />}
        </span>
        <span class="line small">
          <span class="address">{network.Pools.map(({ Subnet }) => Subnet).join(', ')}</span>
          {rate && <RateText rate={rate} />}
        </span>
      </button>
      {members.length === 0 && <span class="empty">nothing is on it</span>}
      {card.tiles.map((tile) => (
        <TileButton key={tile.member.key} tile={tile} card={card} state={state} pick={pick} />
      ))}
    </section>
  );
}

function TileButton({ tile, card, state, pick }: Props & { readonly tile: Tile }) {
  const { member } = tile;
  const rate = state.rates.get(member.endpointId);
  const isEnd = state.ends.some((end) => isSame(end, member.choice));
  const isChosen = isSame(state.choice, member.choice);
  const place = placeOf({ ...tile, x: tile.x - card.x, y: tile.y - card.y });
  const classes = ['tile', member.condition, member.choice.kind, isChosen && 'chosen', isEnd && 'end'];
  return (
    <button
      type="button"
      class={classes.filter(Boolean).join(' ')}
      style={place}
      tabIndex={-1}
      title={`${member.name}  ${member.address}  ${member.note}`}
      onClick={() => pick(member.choice)}
    >
      <span class="line">
        <Mark condition={member.condition} />
        <span class="name">{member.name}</span>
        {member.ports && <span class="ports">{member.ports}</span>}
      </span>
      <span class="line small">
        <span class="address">{member.address || member.note}</span>
        {rate && <RateText rate={rate} />}
      </span>
    </button>
  );
}

const RateText = ({ rate }: { readonly rate: Rate }) => (
  <span class="rate">
    ↓{briefly(rate.received)} ↑{briefly(rate.sent)}
  </span>
);

const words = {
  good: 'running',
  waiting: 'waiting',
  bad: 'in trouble',
  off: 'does not run',
  far: 'on another host',
} as const;

/** Told by form as well as by colour. */
export function Mark({ condition }: { readonly condition: keyof typeof words }) {
  const forms = {
    good: <circle cx="6" cy="6" r="4.5" />,
    waiting: <path d="M3 2h2.4v8H3zM6.8 2h2.4v8H6.8z" />,
    bad: <path d="M6 .8 11.6 11H.4z" />,
    off: <circle cx="6" cy="6" r="3.7" />,
    far: <path d="M6 1l5 5-5 5-5-5z" />,
  };
  return (
    <svg
      class={`mark ${condition}`}
      viewBox="0 0 12 12"
      width="12"
      height="12"
      role="img"
      aria-label={words[condition]}
    >
      {forms[condition]}
    </svg>
  );
}
