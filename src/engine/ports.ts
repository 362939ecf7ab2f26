/** Ports published and taken back while a container is there. */
import type { Container } from '../model/container.ts';
import { type LivePorts, publishPorts, type Unwanted, unpublishPorts } from '../model/live-ports.ts';
import { fixedPort, hostText, type PortSpec, publishedSpecs } from '../model/port-specs.ts';
import { onEndpoint } from '../model/ports.ts';
import { hostNetwork } from '../model/predefined-names.ts';
import { findContainer } from '../model/references.ts';
import type { PortMapping } from '../model/sandbox.ts';
import type { SandboxContext } from '../model/sandboxes.ts';
import type { View } from '../model/tables.ts';
import { type Changing, change, takeAway } from './change.ts';
import { emitContainer } from './containers/container-events.ts';
import { forgetMissed, forgetPorts } from './containers/port-flows.ts';
import type { Core } from './core.ts';
import { PortRefused } from './host-ports.ts';
import { refusedPlaces } from './obeyed.ts';
import type { PortsDetail, PortVerbs } from './port-verbs.ts';
import { portsText } from './ports-text.ts';
import { type PreparingPorts, withPorts } from './prepared-ports.ts';
import { type SandboxSources, sandboxContext } from './sandbox-context.ts';

type Publishing = Changing & SandboxSources & PreparingPorts & Pick<Core, 'queue' | 'events' | 'logger'>;

export const portVerbs = (core: Publishing): PortVerbs => ({
  list: (ref) => list(core, ref),
  refused: async (ref) => refusedPlaces(core, portsOf(core, findContainer(core.model, ref))),
  add: (ref, specs) => add(core, ref, specs),
  remove: (ref, unwanted) => remove(core, ref, unwanted),
});

const portsOf = ({ model }: Pick<Core, 'model'>, { id }: Container): readonly PortMapping[] =>
  model.sandboxOfContainer(id)?.ports ?? [];

async function list(core: Publishing, ref: string | undefined): Promise<readonly PortsDetail[]> {
  const containers = ref === undefined ? [...core.model.all('containers')] : [findContainer(core.model, ref)];
  const all = containers.map((container) => ({
    container,
    specs: container.hostConfig.NetworkMode === hostNetwork ? [] : publishedSpecs(container),
    ports: portsOf(core, container),
  }));
  const refused = await refusedPlaces(
    core,
    all.flatMap(({ ports }) => ports),
  );
  return all
    .filter(({ specs, ports }) => ref !== undefined || specs.length + ports.length > 0)
    .map((one) => ({ ...one, refused }));
}

function add(core: Publishing, ref: string, specs: readonly PortSpec[]): Promise<PortsDetail> {
  const { id } = findContainer(core.model, ref);
  return core.queue.run(id, async () => {
    const asked = { container: findContainer(core.model, id), specs };
    const made = await withPorts(core, asked, () =>
      live(core, id, (view, container, context) => publishPorts(view, { container, specs }, context)),
    );
    await forgetMissed(core, made.ports);
    emitContainer(core, 'port-add', made.container, { ports: textOf(made) });
    return { container: made.container, specs, ports: made.ports, refused: new Set() };
  });
}

function remove(core: Publishing, ref: string, unwanted: readonly Unwanted[]): Promise<void> {
  const { id } = findContainer(core.model, ref);
  return core.queue.run(id, async () => {
    const made = await live(
      core,
      id,
      (view, container) => unpublishPorts(view, { container, unwanted }),
      takeAway,
    );
    await forgetPorts(core, made.ports);
    emitContainer(core, 'port-remove', made.container, { ports: textOf(made) });
  });
}

async function live(
  core: Publishing,
  id: string,
  transition: (view: View, container: Container, context: SandboxContext) => LivePorts,
  make = change<LivePorts>,
): Promise<LivePorts> {
  try {
    return await make(core, (view, occupied) =>
      transition(view, findContainer(view, id), sandboxContext(core, occupied)),
    );
  } catch (error) {
    throw error instanceof PortRefused ? onEndpoint(findContainer(core.model, id), error.port, error) : error;
  }
}

/** While it does not run, what was asked for. */
const textOf = ({ ports, specs }: LivePorts): string =>
  portsText(ports.length > 0 ? ports : specs.map(asked));

/** A request as a port that is not chosen yet: 0 for any. */
const asked = (spec: PortSpec): PortMapping => ({
  protocol: spec.protocol,
  hostIP: hostText(spec.binding),
  hostPort: fixedPort(spec) ?? 0,
  containerPort: spec.containerPort,
  ...{ address: '', endpointId: '' },
  asked: { hostIP: spec.binding.HostIp ?? '', hostPort: spec.binding.HostPort ?? '' },
});
