/** The policy of a published port: who sets it, and whether it can be kept. */
import { fail } from '../errors.ts';
import type { Container } from './container.ts';
import type { PortCarrier } from './port-carriers.ts';
import type { PortSpec } from './port-specs.ts';
import { type PublishPolicy, policyOption, readPolicy } from './publish-policy.ts';

export interface PolicyContext {
  /** Of ports for which nobody asks for another (`--publish-policy`). */
  readonly publishPolicy: PublishPolicy;
  /** Why no port of this host can obey its firewall; '' where it can. */
  readonly whyNotObeyed: string;
}

/**
 * As the request says, else the container's labels, its network, the engine. Throws PORT_POLICY where it cannot be
 * kept. The engine's own choice is not for routed networks, which take no port of the host.
 */
export function policyOf(
  { config: { Labels } }: Pick<Container, 'config'>,
  spec: PortSpec,
  { carrier, context }: { readonly carrier: PortCarrier; readonly context: PolicyContext },
): PublishPolicy {
  const { binding, containerPort, protocol } = spec;
  const own =
    binding.Policy ??
    readPolicy(Labels[`${policyOption}.${containerPort}/${protocol}`]) ??
    readPolicy(Labels[policyOption]);
  const policy = own ?? carrier.policy ?? (carrier.isRouted ? 'open' : context.publishPolicy);
  if (policy === 'open') return policy;
  const name = `${containerPort}/${protocol}`;
  if (carrier.isRouted)
    throw fail(
      'PORT_POLICY',
      name,
      'its network is routed: what it gets is forwarded, and the host never asked',
    );
  if (context.whyNotObeyed) throw fail('PORT_POLICY', name, context.whyNotObeyed);
  return policy;
}
