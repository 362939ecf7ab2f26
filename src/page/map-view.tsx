/** The drawing. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Frame, NetworkCard } from './card.tsx';
import { choose, usePage } from './context.ts';
import { HostBar } from './host-bar.tsx';
import { type Box, type Drawing, layout } from './layout.ts';
import { ExplainedLine, Lines } from './lines.tsx';
import type { Choice, Picture } from './look-up.ts';
import { groupsOf } from './members.ts';
import type { State } from './store.ts';
import { type Zoom, zoomOf } from './zoom.ts';

/** The width of an element, as it changes. */
function useWidth(): [{ current: HTMLDivElement | null }, number] {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return undefined;
    const measure = (): void => setWidth(element.clientWidth);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, width];
}

export function MapView({ picture }: { readonly picture: Picture }) {
  const { store, engine, state } = usePage();
  const [view, width] = useWidth();
  const layer = useRef<HTMLDivElement>(null);
  const zoom = useRef<Zoom | undefined>(undefined);
  const groups = useMemo(() => groupsOf(picture, state.shown), [picture, state.shown]);
  const others = picture.Hosts.filter(({ Status }) => Status !== 'here').length;
  const drawing = useMemo(() => layout(groups, width || 1000, others), [groups, width, others]);
  useEffect(() => {
    if (!view.current || !layer.current) return undefined;
    zoom.current = zoomOf(view.current, layer.current);
    return () => zoom.current?.close();
  }, []);
  useEffect(() => zoom.current?.resize(drawing.width, drawing.height), [drawing]);
  useEffect(() => {
    const place = state.choice && placeOf(drawing, state.choice);
    if (place) zoom.current?.show(place);
  }, [state.choice]);
  const pick = (choice: Choice): void => choose({ store, engine }, choice, 'map');
  return (
    <div class={`map${drawing.isDense ? ' dense' : ''}`} ref={view}>
      <div class="layer" ref={layer} style={{ width: `${drawing.width}px`, height: `${drawing.height}px` }}>
        {width > 0 && <Drawn {...{ drawing, picture, state, pick }} />}
      </div>
      {groups.length === 0 && <p class="nothing">Nothing is called so.</p>}
      <ZoomButtons zoom={() => zoom.current} />
    </div>
  );
}

interface DrawnProps {
  readonly drawing: Drawing;
  readonly picture: Picture;
  readonly state: State;
  readonly pick: (choice: Choice) => void;
}

function Drawn({ drawing, picture, state, pick }: DrawnProps) {
  const { cards, host } = drawing;
  return (
    <>
      {cards.map((card) => (
        <Frame key={card.group.network.Id} card={card} state={state} />
      ))}
      <Lines drawing={drawing} state={state} />
      <HostBar picture={picture} place={host} pick={pick} />
      {cards.map((card) => (
        <NetworkCard key={card.group.network.Id} card={card} state={state} pick={pick} />
      ))}
      <ExplainedLine drawing={drawing} state={state} />
    </>
  );
}

function placeOf({ cards, host }: Drawing, { kind, id }: Choice): Box | undefined {
  if (kind === 'host' || kind === 'node') return host;
  if (kind === 'network') return cards.find(({ group }) => group.network.Id === id);
  return cards
    .flatMap(({ tiles }) => tiles)
    .find(({ member }) => member.choice.kind === kind && member.choice.id === id);
}

function ZoomButtons({ zoom }: { readonly zoom: () => Zoom | undefined }) {
  return (
    <fieldset class="zoom" aria-label="Size of the map">
      <button type="button" onClick={() => zoom()?.by(1.3)} aria-label="Larger">
        +
      </button>
      <button type="button" onClick={() => zoom()?.by(1 / 1.3)} aria-label="Smaller">
        −
      </button>
      <button type="button" onClick={() => zoom()?.fit()}>
        Fit
      </button>
      <button type="button" onClick={() => zoom()?.reset()} title="As it was">
        1:1
      </button>
    </fieldset>
  );
}
