/** Calls that Docker's API does not have: `/seaway`. */
import type { IncomingMessage } from 'node:http';
import type { Client } from './client.ts';
import type { MapRule, MapTraffic, NetworkMap, PageLink } from './map-answers.ts';
import { Policies } from './policies.ts';
import type {
  NamespaceConnect,
  NamespaceDisconnect,
  PageOpen,
  PortsAdd,
  PortsRemove,
  RateChange,
} from './requests.ts';
import type {
  ClusterNode,
  Comparison,
  Examination,
  Explanation,
  NamespaceConnection,
  PublishedPorts,
  SwarmState,
  TraceLine,
} from './seaway-answers.ts';
import { jsonLines } from './streams.ts';

export interface CaptureOptions {
  /** In the language of pcap-filter(7). */
  readonly filter?: string;
  /** Bytes of each packet. */
  readonly snaplen?: number;
  /** Also packets that the kernel of the host drops, with its reason. */
  readonly drops?: boolean;
  readonly signal?: AbortSignal;
}

const portsOf = (container: string): string => `/seaway/containers/${encodeURIComponent(container)}/ports`;

const network = (id: string, verb: string): string => `/seaway/networks/${encodeURIComponent(id)}/${verb}`;

export class Seaway {
  readonly #client: Client;
  readonly policies: Policies;

  constructor(client: Client) {
    this.#client = client;
    this.policies = new Policies(client);
  }

  /** Records compared with the kernel; nothing is changed. */
  compare(): Promise<Comparison> {
    return this.#client.get('/seaway/compare');
  }

  /** What is wrong with the engine's objects and the host, or will be; nothing is changed. */
  examine(): Promise<Examination> {
    return this.#client.get('/seaway/doctor');
  }

  /** As `examine`, and cures what can be cured. */
  cure(): Promise<Examination> {
    return this.#client.json('POST', '/seaway/doctor/fix');
  }

  /** Whether `from` reaches `to` (`db:5432`, `db:53/udp`, `db`), and why not. A probe is sent. */
  explain(
    from: string,
    to: string,
    /** `texts`: the words of all rules that the probe has met. */
    { texts = false }: { readonly texts?: boolean } = {},
  ): Promise<Explanation> {
    return this.#client.get('/seaway/explain', { from, to, texts });
  }

  /** Which nodes of the swarm lag behind, and the addresses in use; of a manager. */
  swarm(): Promise<SwarmState> {
    return this.#client.get('/seaway/swarm');
  }

  /** The hosts of the cluster. */
  nodes(): Promise<readonly ClusterNode[]> {
    return this.#client.get('/seaway/cluster/nodes');
  }

  /** Gives up a host that does not return. */
  forget(node: string): Promise<void> {
    return this.#client.done('DELETE', `/seaway/cluster/nodes/${encodeURIComponent(node)}`);
  }

  /** What the engine has done, the last so many traces, and with `follow` what it does from now on. */
  async *trace(
    options: { readonly last?: number; readonly follow?: boolean; readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<TraceLine, void, undefined> {
    const { last, follow, signal } = options;
    const query = { n: last, follow };
    yield* jsonLines<TraceLine>(await this.#client.open('GET', '/seaway/trace', { query, signal }));
  }

  /**
   * Packets of `what` (`web`, `network:app`, `port:8080/tcp`, `link:eth0`, `host`) as a stream of pcapng, until it is destroyed.
   * What it is read too slowly for is dropped.
   */
  capture(what: string, options: CaptureOptions = {}): Promise<IncomingMessage> {
    const { signal, ...asked } = options;
    return this.#client.open('GET', '/seaway/capture', { query: { what, ...asked }, signal });
  }

  /** The whole network in one answer. */
  map(): Promise<NetworkMap> {
    return this.#client.get('/seaway/map');
  }

  /** The same now and after each change. */
  async *followMap(signal?: AbortSignal): AsyncGenerator<NetworkMap, void, undefined> {
    const query = { follow: true };
    yield* jsonLines<NetworkMap>(await this.#client.open('GET', '/seaway/map', { query, signal }));
  }

  /** Counters of its links; rates are made of two answers. */
  traffic(): Promise<MapTraffic> {
    return this.#client.get('/seaway/map/traffic');
  }

  /** Rules of the firewall that name it, with their reasons. */
  rules(of: { readonly network: string } | { readonly container: string }): Promise<readonly MapRule[]> {
    return this.#client.get('/seaway/map/rules', of);
  }

  /** A link to the page that draws the network. */
  openPage(body: PageOpen = {}): Promise<PageLink> {
    return this.#client.json('POST', '/seaway/page', { json: body });
  }

  /** Namespaces that the engine did not make, and that are on its networks. */
  namespaces(): Promise<readonly NamespaceConnection[]> {
    return this.#client.get('/seaway/namespaces');
  }

  connect(id: string, body: NamespaceConnect): Promise<NamespaceConnection> {
    return this.#client.json('POST', network(id, 'connect'), { json: body });
  }

  disconnect(id: string, body: NamespaceDisconnect): Promise<void> {
    return this.#client.done('POST', network(id, 'disconnect'), { json: body });
  }

  /** Of one container, or of all that have any. */
  async ports(container?: string): Promise<readonly PublishedPorts[]> {
    if (container === undefined) return this.#client.get('/seaway/ports');
    return [await this.#client.get<PublishedPorts>(portsOf(container))];
  }

  /** Publishes ports of a container that is there. */
  addPorts(container: string, body: PortsAdd): Promise<PublishedPorts> {
    return this.#client.json('POST', `${portsOf(container)}/add`, { json: body });
  }

  removePorts(container: string, body: PortsRemove): Promise<void> {
    return this.#client.done('POST', `${portsOf(container)}/remove`, { json: body });
  }

  /** Limits what a container sends to a network, and receives from it, from now on. */
  rate(id: string, body: RateChange): Promise<{ readonly Egress: string; readonly Ingress: string }> {
    return this.#client.json('POST', network(id, 'rate'), { json: body });
  }
}
