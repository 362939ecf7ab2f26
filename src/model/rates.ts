/** Limits of a container's rates on its networks. */
import { fail } from '../errors.ts';
import { rateForms, rateText, readRate } from '../net/rate.ts';
import type { Container } from './container.ts';
import type { Endpoint, EndpointRates } from './endpoint.ts';
import type { Network } from './network.ts';
import type { Options } from './option-values.ts';
import type { Change, View } from './tables.ts';

export const rateOptions = {
  egress: 'com.seaway.rate.egress',
  ingress: 'com.seaway.rate.ingress',
} as const;

/** Undefined where none is limited. Throws NETWORK_OPTION_INVALID. */
export function parseRates(driverOpts: Options): EndpointRates | undefined {
  const [egress, ingress] = [rateOptions.egress, rateOptions.ingress].map((option) => {
    const text = driverOpts[option] ?? '';
    if (text === '') return undefined;
    const rate = readRate(text);
    if (rate === undefined)
      throw fail('NETWORK_OPTION_INVALID', `invalid ${option} ${JSON.stringify(text)}: write ${rateForms}`);
    return rate;
  });
  if (egress === undefined && ingress === undefined) return undefined;
  return { ...(egress !== undefined && { egress }), ...(ingress !== undefined && { ingress }) };
}

/** What an endpoint gets is limited on the host's end of its pair. Throws NETWORK_OPTION_INVALID where it has none. */
export function checkRates(
  rates: EndpointRates | undefined,
  { name, driver }: Pick<Network, 'name' | 'driver'>,
  { hostLink }: Pick<Endpoint, 'hostLink'>,
): void {
  if (rates?.ingress === undefined || hostLink !== '') return;
  const why = `endpoints of network ${name} (${driver}) have no end on the host, where it would be limited`;
  throw fail('NETWORK_OPTION_INVALID', `${rateOptions.ingress} is not supported here: ${why}`);
}

/** '' for no limit; absent: as before. */
export interface RateChange {
  readonly egress?: string;
  readonly ingress?: string;
}

export interface ChangedRates {
  readonly changes: readonly Change[];
  readonly rates: EndpointRates;
}

/** At once if the container runs, and at each start. Throws NETWORK_OPTION_INVALID, NOT_CONNECTED. */
export function changeRates(
  view: View,
  { container, network }: { readonly container: Container; readonly network: Network },
  asked: RateChange,
): ChangedRates {
  const member = container.networks.find((one) => one.network === network.name);
  if (!member) throw fail('NOT_CONNECTED', container.id, network.name);
  const driverOpts = Object.fromEntries(
    Object.entries({
      ...member.driverOpts,
      ...(asked.egress !== undefined && { [rateOptions.egress]: asked.egress }),
      ...(asked.ingress !== undefined && { [rateOptions.ingress]: asked.ingress }),
    }).filter(([option, value]) => value !== '' || !Object.values<string>(rateOptions).includes(option)),
  );
  const rates = parseRates(driverOpts);
  const networks = container.networks.map((one) => (one === member ? { ...one, driverOpts } : one));
  const sandbox = view.sandboxOfContainer(container.id);
  const endpoint =
    sandbox && view.endpointsOfSandbox(sandbox.id).find(({ networkId }) => networkId === network.id);
  if (endpoint) checkRates(rates, network, endpoint);
  return {
    rates: rates ?? {},
    changes: [
      { table: 'containers', put: { ...container, networks } },
      ...(endpoint ? [{ table: 'endpoints', put: withRates(endpoint, driverOpts, rates) } as const] : []),
    ],
  };
}

function withRates(endpoint: Endpoint, driverOpts: Options, rates: EndpointRates | undefined): Endpoint {
  const { rates: _, ...rest } = endpoint;
  return { ...rest, spec: { ...rest.spec, driverOpts }, ...(rates && { rates }) };
}

/** `egress 10mbit, ingress unlimited`. */
export const ratesText = ({ egress, ingress }: EndpointRates): string =>
  [
    `egress ${egress === undefined ? 'unlimited' : rateText(egress)}`,
    `ingress ${ingress === undefined ? 'unlimited' : rateText(ingress)}`,
  ].join(', ');
