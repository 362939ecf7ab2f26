/** Ports as they are chosen for a container. */
import { blankSandbox } from '../../src/model/blank.ts';
import type { HostConfig, PortBinding } from '../../src/model/container.ts';
import type { PortCarrier, PortCarriers } from '../../src/model/port-carriers.ts';
import { choosePorts, type PortContext } from '../../src/model/ports.ts';
import type { PortMapping } from '../../src/model/sandbox.ts';
import { openSandbox } from '../../src/model/sandboxes.ts';
import { world } from './fixture.ts';

export const dual = ['172.17.0.2/16', 'fd00::2/64'];

export interface Case {
  readonly addresses?: readonly string[];
  readonly exposed?: readonly string[];
  readonly publishAll?: boolean;
  readonly context?: Partial<PortContext>;
  readonly carriers?: Partial<Record<4 | 6, Partial<PortCarrier>>>;
  readonly before?: readonly PortMapping[];
}

/** Carriers with these addresses. */
export function carriersOf({ addresses = dual, carriers = {} }: Case): PortCarriers {
  const of = (family: 4 | 6): PortCarrier | undefined => {
    const address = addresses.find((one) => one.includes(':') === (family === 6))?.split('/')[0];
    const bindTo = family === 4 ? '0.0.0.0' : '::';
    return address ? { endpointId: 'e1', address, isRouted: false, bindTo, ...carriers[family] } : undefined;
  };
  const [four, six] = [of(4), of(6)];
  return { ...(four && { 4: four }), ...(six && { 6: six }) };
}

export function mappings(
  asked: HostConfig['PortBindings'],
  more: Case = {},
  here = world(),
): readonly PortMapping[] {
  const container = here.container(`c${here.model.count('containers')}`, {
    hostConfig: { PortBindings: asked, PublishAllPorts: more.publishAll ?? false },
  });
  const ExposedPorts = Object.fromEntries((more.exposed ?? []).map((port) => [port, {}]));
  const asking = { ...container, config: { ...container.config, ExposedPorts } };
  const request = { container: asking, carriers: carriersOf(more), before: more.before ?? [] };
  return choosePorts(here.model, request, { ...here.sandboxContext, ...more.context });
}

/** What is chosen for a container that asks for these, as `host:port -> address:port/protocol`. */
export const chosen = (asked: HostConfig['PortBindings'], more: Case = {}, here = world()): string[] =>
  mappings(asked, more, here).map(
    (port) => `${port.hostIP} ${port.hostPort} -> ${port.address} ${port.containerPort}/${port.protocol}`,
  );

/** A world in which somebody has published these already. */
export function busy(...bindings: readonly PortBinding[]) {
  const here = world();
  const other = here.container('other', { hostConfig: { PortBindings: { '9/tcp': bindings } } });
  here.model.apply(openSandbox(here.model, other, here.sandboxContext).changes);
  return here;
}

/** The same, with both families. */
export function taken(...bindings: readonly PortBinding[]) {
  const here = world();
  const ports = mappings({ '9/tcp': bindings }, {}, here);
  const other = { ...blankSandbox, id: 'other', containerId: 'other', path: '', hostname: '', ports };
  here.model.apply([{ table: 'sandboxes', put: other }]);
  return here;
}
