/** Moves and scales the drawing: drag, pinch, wheel, keys and buttons. */
import { select } from 'd3-selection';
import { type D3ZoomEvent, type ZoomTransform, zoom, zoomIdentity } from 'd3-zoom';
import type { Box } from './layout.ts';

export interface Zoom {
  /** Of the whole drawing, which it is kept within. */
  resize(width: number, height: number): void;
  by(factor: number): void;
  /** All of it in the window. */
  fit(): void;
  reset(): void;
  /** Bring a part into the window, if it is not in it. */
  show(part: Box): void;
  close(): void;
}

/** Below this scale details are left out. */
const farScale = 0.6;
const room = 40;

export function zoomOf(view: HTMLElement, layer: HTMLElement): Zoom {
  let size = { width: view.clientWidth, height: view.clientHeight };
  let now: ZoomTransform = zoomIdentity;
  const behavior = behaviorOf((transform) => {
    now = transform;
    layer.style.transform = `translate(${transform.x}px, ${transform.y}px) scale(${transform.k})`;
    view.classList.toggle('far', transform.k < farScale);
  });
  const selection = select(view).call(behavior).on('dblclick.zoom', null);
  const endScrolling = scrollBy(view, (x, y) => selection.call(behavior.translateBy, x / now.k, y / now.k));
  return {
    resize(width, height) {
      size = { width, height };
      const { clientWidth, clientHeight } = view;
      behavior.extent([
        [0, 0],
        [clientWidth, clientHeight],
      ]);
      const [right, bottom] = [Math.max(width, clientWidth) + room, Math.max(height, clientHeight) + room];
      behavior.translateExtent([
        [-room, -room],
        [right, bottom],
      ]);
    },
    by: (factor) => void selection.call(behavior.scaleBy, factor),
    fit() {
      const k = Math.min(1, view.clientWidth / size.width, view.clientHeight / size.height);
      selection.call(behavior.transform, zoomIdentity.scale(k));
    },
    reset: () => void selection.call(behavior.transform, zoomIdentity),
    show(part) {
      if (!isWithin(view, now, part))
        selection.call(behavior.translateTo, part.x + part.width / 2, part.y + part.height / 2);
    },
    close() {
      endScrolling();
      selection.on('.zoom', null);
    },
  };
}

/** The wheel scrolls, as everywhere, and zooms with Control. */
const isForZoom = (event: MouseEvent): boolean =>
  !event.button && (event.type !== 'wheel' || event.ctrlKey || event.metaKey);

const behaviorOf = (moved: (transform: ZoomTransform) => void) =>
  zoom<HTMLElement, unknown>()
    .scaleExtent([0.2, 3])
    .filter(isForZoom)
    .on('zoom', ({ transform }: D3ZoomEvent<HTMLElement, unknown>) => moved(transform));

function scrollBy(view: HTMLElement, move: (x: number, y: number) => void): () => void {
  const scroll = (event: WheelEvent): void => {
    if (event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    // lines or pixels
    const step = event.deltaMode === 1 ? 24 : 1;
    move(-event.deltaX * step, -event.deltaY * step);
  };
  view.addEventListener('wheel', scroll, { passive: false });
  return () => view.removeEventListener('wheel', scroll);
}

function isWithin({ clientWidth, clientHeight }: HTMLElement, now: ZoomTransform, part: Box): boolean {
  const [left, top] = now.apply([part.x, part.y]);
  const [right, bottom] = now.apply([part.x + part.width, part.y + part.height]);
  return left >= 0 && top >= 0 && right <= clientWidth && bottom <= clientHeight;
}
