/** What follows from all records and is needed for each decision: kept beside the view, changed with it. */
import type { SwarmChange, SwarmService, SwarmTask, SwarmView } from '../records.ts';
import { isIngressPort } from '../service-links.ts';
import { isOver } from '../task-state.ts';
import { AddressBook } from './address-book.ts';
import { Loads } from './loads.ts';
import { NumberBook } from './number-book.ts';

/** Docker's range for ports that the swarm chooses. */
const dynamicPorts = { first: 30_000, last: 32_767 };
/** What a mark of twelve bits can tell apart. */
const nodeNumbers = { first: 1, last: 4095 };

export class Ledger {
  readonly addresses = new AddressBook();
  readonly loads = new Loads();
  /** By protocol. */
  readonly ports = new Map(['tcp', 'udp', 'sctp'].map((one) => [one, new NumberBook(dynamicPorts)]));
  readonly nodeNumbers = new NumberBook(nodeNumbers);

  constructor(view: SwarmView) {
    for (const network of view.all('networks')) this.addresses.add(network);
    for (const { number, createdAt } of view.all('nodes')) this.nodeNumbers.hold(number, createdAt);
    for (const service of view.all('services')) this.replaceService(undefined, service);
    for (const task of view.all('tasks')) this.replaceTask(undefined, task);
  }

  changed(changes: readonly SwarmChange[], before: SwarmView): void {
    for (const change of changes)
      if (change.table === 'networks' && 'put' in change) this.addresses.add(change.put);
    // of a record that was changed twice, the last state counts
    for (const change of new Map(changes.map((one) => [keyOf(one), one])).values())
      this.#change(change, before);
    for (const change of changes)
      if (change.table === 'networks' && 'remove' in change) this.addresses.forget(change.remove);
  }

  replaceTask(old: SwarmTask | undefined, task: SwarmTask | undefined): void {
    if (old) {
      this.loads.remove(old);
      for (const one of held(old)) this.addresses.release({ ...one, at: '' });
    }
    if (!task) return;
    this.loads.add(task);
    for (const one of held(task)) this.addresses.hold({ ...one, at: task.createdAt });
  }

  replaceService(old: SwarmService | undefined, service: SwarmService | undefined): void {
    for (const { networkId, address } of old?.endpoint?.addresses ?? [])
      this.addresses.release({ networkId, addresses: [address], mac: '', at: '' });
    for (const [protocol, port] of old ? ingressPorts(old) : []) this.ports.get(protocol)?.release(port);
    if (!service) return;
    for (const { networkId, address } of service.endpoint?.addresses ?? [])
      this.addresses.hold({ networkId, addresses: [address], mac: '', at: service.createdAt });
    for (const [protocol, port] of ingressPorts(service))
      this.ports.get(protocol)?.hold(port, service.createdAt);
  }

  #change(change: SwarmChange, before: SwarmView): void {
    const id = 'put' in change ? change.put.id : change.remove;
    if (change.table === 'tasks')
      this.replaceTask(before.get('tasks', id), 'put' in change ? change.put : undefined);
    else if (change.table === 'services')
      this.replaceService(before.get('services', id), 'put' in change ? change.put : undefined);
    else if (change.table === 'nodes') {
      this.nodeNumbers.release(before.get('nodes', id)?.number ?? 0);
      if ('put' in change) this.nodeNumbers.hold(change.put.number, change.put.createdAt);
    }
  }
}

const keyOf = (change: SwarmChange): string =>
  `${change.table} ${'put' in change ? change.put.id : change.remove}`;

/** Until its process has ended, also on a node that does not answer. */
const held = (task: SwarmTask): SwarmTask['attachments'] =>
  isOver(task) || task.status.state === 'new' ? [] : task.attachments;

/** Each is held once for what is asked and once for what was given. */
const ingressPorts = ({ spec, endpoint }: SwarmService): readonly (readonly [string, number])[] =>
  [...(spec.EndpointSpec?.Ports ?? []), ...(endpoint?.ports ?? [])].flatMap((port) =>
    isIngressPort(port) && port.PublishedPort ? [[port.Protocol || 'tcp', port.PublishedPort] as const] : [],
  );
