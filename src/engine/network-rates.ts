/** Limits of a container's rates on a network, changed while it runs. */
import type { EndpointRates } from '../model/endpoint.ts';
import { changeRates, type RateChange, ratesText } from '../model/rates.ts';
import { findAskedNetwork, findContainer } from '../model/references.ts';
import { type Changing, change } from './change.ts';
import { emitContainer } from './containers/container-events.ts';
import type { Core } from './core.ts';

/** Without a change it tells them. Throws NETWORK_OPTION_INVALID, NOT_CONNECTED. */
export function rate(
  core: Changing & Pick<Core, 'queue' | 'events'>,
  { ref, containerRef }: { readonly ref: string; readonly containerRef: string },
  asked: RateChange,
): Promise<EndpointRates> {
  const { id } = findContainer(core.model, containerRef);
  return core.queue.run(id, async () => {
    const { rates } = await change(core, (view) => {
      const made = changeRates(
        view,
        { container: findContainer(view, id), network: findAskedNetwork(view, ref) },
        asked,
      );
      return asked.egress === undefined && asked.ingress === undefined ? { ...made, changes: [] } : made;
    });
    const container = findContainer(core.model, id);
    const network = findAskedNetwork(core.model, ref).name;
    if (asked.egress !== undefined || asked.ingress !== undefined)
      emitContainer(core, 'rate', container, { network, rates: ratesText(rates) });
    return rates;
  });
}
