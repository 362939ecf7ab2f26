/** The lines of the drawing, behind the tiles: ways to the host, buses, links with their traffic, and what is explained. */
import { type Box, type Card, curve, type Drawing, overTile } from './layout.ts';
import type { Choice } from './look-up.ts';
import { type Rate, widthOf } from './rates.ts';
import type { State } from './store.ts';

/** Containers on several networks whose lines are drawn without being chosen. */
const mostTies = 8;

interface Props {
  readonly drawing: Drawing;
  readonly state: State;
}

const busy = (rate: Rate | undefined): string => (rate && rate.received + rate.sent > 0 ? ' busy' : '');
const width = (rate: Rate | undefined): number => (rate ? widthOf(rate) : 1.5);

export function Lines({ drawing, state }: Props) {
  return (
    <svg class="lines" width={drawing.width} height={drawing.height} aria-hidden="true">
      {drawing.cards.map((card) => (
        <CardLines key={card.group.network.Id} card={card} state={state} />
      ))}
      <Ties drawing={drawing} state={state} />
    </svg>
  );
}

function CardLines({ card, state }: { readonly card: Card; readonly state: State }) {
  const { tiles, trunk, uplink, group } = card;
  const rate = state.rates.get(group.network.Id);
  return (
    <>
      <path class={`uplink${busy(rate)}`} d={uplink} stroke-width={width(rate)} />
      <path class="bus" d={trunk} />
      {tiles.map(({ member, x, y, width: across }) => {
        const own = state.rates.get(member.endpointId);
        return (
          <path
            key={member.key}
            class={`link ${member.condition}${busy(own)}`}
            d={`M${x + across / 2} ${y - overTile}V${y}`}
            stroke-width={width(own)}
          />
        );
      })}
    </>
  );
}

function Ties({ drawing: { ties }, state: { choice } }: Props) {
  const chosen = choice?.kind === 'container' ? choice.id : '';
  const shown = ties.filter(({ containerId }) => containerId === chosen || ties.length <= mostTies);
  return (
    <>
      {shown.map(({ key, containerId, path }) => (
        <path key={key} class={`tie${containerId === chosen ? ' chosen' : ''}`} d={path} />
      ))}
    </>
  );
}

/** From one end of an explanation to the other, over everything. */
export function ExplainedLine({ drawing, state }: Props) {
  const [from, to] = state.ends.map((end) => boxOf(drawing, end));
  if (!from || !to) return null;
  const { explanation } = state;
  const reaches =
    typeof explanation === 'object' && 'Reaches' in explanation ? explanation.Reaches : undefined;
  const verdict = reaches === undefined ? '' : reaches ? ' good' : ' bad';
  return (
    <svg class="lines over" width={drawing.width} height={drawing.height} aria-hidden="true">
      <path class={`explained${verdict}`} d={curve(from, to)} />
    </svg>
  );
}

function boxOf({ cards, host }: Drawing, { kind, id }: Choice): Box | undefined {
  if (kind === 'host') return host;
  return cards
    .flatMap(({ tiles }) => tiles)
    .find(({ member }) => member.choice.kind === kind && member.choice.id === id);
}
