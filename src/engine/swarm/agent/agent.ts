/**
 * This node as its managers use it: follows the sets that they give, runs their tasks, and says what became of them. It reaches
 * them by a `ManagerLink` alone, on a manager too.
 */
import { isDeepStrictEqual } from 'node:util';
import { scopesOf } from '../../../affected/affected.ts';
import type { Network } from '../../../model/network.ts';
import type { Node } from '../../../model/node.ts';
import type { MeshPort } from '../../../model/virtual-service.ts';
import { gatewayNetwork } from '../../../model/way-out.ts';
import type { ManagerLink } from '../../../swarm/access.ts';
import type { Assignments, AttachmentRequest } from '../../../swarm/assignments.ts';
import type { NodeDescription, SwarmTask } from '../../../swarm/records.ts';
import { expandTask } from '../../../swarm/templates.ts';
import { type Following, follow } from '../../change.ts';
import type { ContainerVerbs } from '../../container-verbs.ts';
import type { Networking } from '../../containers/networking.ts';
import type { Core } from '../../core.ts';
import { type LeadingOut, makeGatewayNetwork } from '../../gateway-network.ts';
import { takeOff } from '../../taken-off.ts';
import type { SwarmAgent } from '../member.ts';
import { arrivals, departures, naming } from './arriving.ts';
import { type Attaching, Attachments } from './attachments.ts';
import { containerRequest } from './container-request.ts';
import { Convergence } from './convergence.ts';
import { containerDefaults } from './defaults.ts';
import { GivenNetworks } from './given-networks.ts';
import { type Describing, describeNode, nodeHere } from './here.ts';
import { HeldMeshPorts } from './mesh-ports.ts';
import { type KeepingFiles, TaskFiles } from './task-files.ts';
import { type PullingImages, provideImage } from './task-images.ts';
import { Tasks } from './tasks.ts';

/** Parts of the engine that it uses. */
export type Serving = Attaching &
  Describing &
  Following &
  KeepingFiles &
  LeadingOut &
  Networking &
  PullingImages &
  Pick<Core, 'events' | 'kernel' | 'records' | 'retries' | 'swarm'>;

export interface AgentOptions {
  readonly core: Serving;
  readonly containers: ContainerVerbs;
  readonly link: ManagerLink;
}

/** Milliseconds that changes of the host are collected for. */
const settling = 500;

export class Agent implements SwarmAgent {
  readonly #core: Serving;
  readonly #link: ManagerLink;
  readonly #files: TaskFiles;
  readonly #tasks: Tasks;
  readonly #attachments: Attachments;
  readonly #ports: HeldMeshPorts;
  readonly #convergence: Convergence;
  readonly #given: GivenNetworks;
  readonly #closing = new DisposableStack();
  #latest: Assignments | undefined;
  #here: Node | undefined;
  #description: NodeDescription | undefined;
  #isDue = false;
  #isClosed = false;
  #working: Promise<void> | undefined;

  constructor({ core, containers, link }: AgentOptions) {
    this.#core = core;
    this.#link = link;
    this.#files = new TaskFiles(core);
    this.#ports = new HeldMeshPorts(core);
    this.#attachments = new Attachments({ core, link });
    const { model, events, logger, retries } = core;
    const known = Array.from(model.all('networks')).filter(({ scope }) => scope === 'swarm');
    this.#given = new GivenNetworks(core, known);
    this.#convergence = new Convergence({
      retries,
      follow: async (scopes) => {
        await follow(core, scopes);
        await core.records.bring(naming(model));
      },
      all: () =>
        scopesOf({
          networks: new Set(Array.from(model.all('networks'), ({ id }) => id)),
          sandboxes: new Set(Array.from(model.all('sandboxes'), ({ id }) => id)),
        }),
      acknowledge: (revision) => link.acknowledge(revision),
    });
    this.#tasks = new Tasks({
      ...{ model, events, logger, retries, containers, files: this.#files },
      // also once the standing is that of no swarm
      nodeId: () => this.#here?.id ?? core.swarm.standing().nodeId,
      provideImage: (task, gone) => provideImage(core, task, gone),
      request: (task) => this.#request(task),
      report: (report) => link.report(report),
      ended: () => this.#kick(),
      now: () => core.generate.now(),
    });
  }

  /** Records and kernel are those of the last set, until a manager gives a newer one. */
  async begin(): Promise<void> {
    const core = this.#core;
    await core.retries.attempt({ key: 'swarm:gateway', name: 'the network that leads out' }, () =>
      makeGatewayNetwork(core),
    );
    await this.#files.sweep((id) => (core.model.get('containers', id)?.state.pid ?? 0) !== 0);
    this.#holdPorts(core.model.all('meshPorts'));
    this.#look();
    this.#closing.defer(this.#watchHost());
    this.#closing.defer(core.swarm.onStanding(() => this.#look()));
    this.#closing.defer(core.events.listen((event) => this.#attachments.note(event)));
    this.#link.onAssignments((assignments) => {
      this.#latest = assignments;
      this.#kick();
    });
    this.#followStore();
  }

  isTask(taskId: string): boolean {
    return this.#tasks.has(taskId);
  }

  attach(request: AttachmentRequest): ReturnType<SwarmAgent['attach']> {
    return this.#attachments.attach(request);
  }

  attached(taskId: string): void {
    this.#attachments.attached(taskId);
  }

  /** The engine ends; what runs goes on. */
  close(): void {
    this.#isClosed = true;
    this.#convergence.close();
    this.#closing.dispose();
    this.#tasks.close();
  }

  /** Containers of tasks go, then networks and all else that was given. */
  async leave(): Promise<void> {
    this.close();
    await this.#working;
    await this.#tasks.leave();
    await this.#files.sweep(() => false);
    const core = this.#core;
    const others = Array.from(core.model.all('endpoints')).filter(
      ({ networkId }) => core.model.get('networks', networkId)?.scope === 'swarm',
    );
    for (const endpoint of others) await takeOff(core, { endpoint, why: 'this node has left the swarm' });
    this.#ports.hold([]);
    this.#given.are([]);
    await follow(core, await core.records.bring(departures(core.model)));
  }

  /** A manager shows all networks of the swarm. */
  #followStore(): void {
    const { swarm } = this.#core;
    let forget: (() => void) | undefined;
    const subscribe = (): void => {
      if (forget || !swarm.isManaging) return;
      forget = swarm.store().onChange((changes) => {
        if (changes.some(({ table }) => table === 'networks')) this.#kick();
      });
      this.#kick();
    };
    subscribe();
    this.#closing.defer(swarm.onStanding(subscribe));
    this.#closing.defer(() => forget?.());
  }

  /** What this node is may have changed. */
  #look(): void {
    const core = this.#core;
    const standing = core.swarm.standing();
    // it has left, or its keys are locked
    if (standing.nodeId === '') return;
    try {
      const { busy } = this.#ports;
      const here = {
        ...nodeHere(core, standing),
        ...(busy.length > 0 && { busyPorts: busy }),
      };
      const description = describeNode(core, here);
      this.#here = here;
      if (isDeepStrictEqual(description, this.#description)) return;
      this.#description = description;
      this.#link.describe(description);
      this.#kick();
    } catch (error) {
      core.logger.error('this node cannot be described to its managers', { error });
    }
  }

  /** Reports ports that a program of the host has to the managers. */
  #holdPorts(ports: Iterable<MeshPort>): void {
    const before = this.#ports.busy;
    this.#ports.hold([...ports]);
    if (!isDeepStrictEqual(before, this.#ports.busy)) this.#look();
  }

  #watchHost(): () => void {
    let timer: NodeJS.Timeout | undefined;
    const forget = this.#core.kernel.watch(({ subject, action }) => {
      if (action !== 'flush' && subject === 'firewall') return;
      timer ??= setTimeout(() => {
        timer = undefined;
        this.#look();
      }, settling).unref();
    });
    return () => {
      forget();
      clearTimeout(timer);
    };
  }

  /** Follows what is newest, one set at a time. */
  #kick(): void {
    this.#isDue = true;
    if (this.#isClosed) return;
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
      if (this.#isDue) this.#kick();
    });
  }

  async #work(): Promise<void> {
    while (this.#isDue && !this.#isClosed) {
      this.#isDue = false;
      await this.#take().catch((error) =>
        this.#core.logger.error('what a manager has given is not followed', { error }),
      );
    }
  }

  async #take(): Promise<void> {
    const core = this.#core;
    const here = this.#here;
    const assignments = this.#latest;
    if (!here || !assignments) return;
    const all = [...this.#networks(), ...this.#attachments.networks()];
    this.#holdPorts(assignments.meshPorts);
    const changes = arrivals(core.model, { here: this.#here ?? here, given: assignments, all });
    const scopes = changes.length > 0 ? await core.records.bring(changes) : undefined;
    this.#given.are(assignments.networks);
    this.#files.given(assignments);
    this.#attachments.update(assignments.tasks);
    this.#tasks.update(assignments.tasks.filter(({ spec }) => spec.ContainerSpec));
    this.#convergence.take(assignments.revision, scopes);
  }

  #networks(): readonly Network[] {
    const { swarm } = this.#core;
    if (!swarm.isManaging) return [];
    return Array.from(swarm.store().view.all('networks'), ({ network }) => network);
  }

  #request(task: SwarmTask) {
    const { model, config } = this.#core;
    const { nodeId } = this.#core.swarm.standing();
    const description = this.#description;
    const ContainerSpec = expandTask(task, { id: nodeId, ...(description && { description }) });
    return containerRequest(
      { ...task, spec: { ...task.spec, ContainerSpec } },
      {
        defaults: containerDefaults(config),
        gatewayNetwork: gatewayNetwork(model.drivers)?.name ?? '',
        network: (id) => model.get('networks', id) ?? this.#latest?.networks.find((one) => one.id === id),
      },
    );
  }
}
