/** The whole API, by group. */
import { chooseHost, parseAddress } from './address.ts';
import { Client } from './client.ts';
import { Containers } from './containers.ts';
import type { TlsMaterial } from './http.ts';
import { Images } from './images.ts';
import { Networks, Volumes } from './networks.ts';
import { Plugins } from './plugins.ts';
import { Seaway } from './seaway.ts';
import { Swarm } from './swarm.ts';
import { System } from './system.ts';

export interface ConnectOptions {
  /** `unix://PATH` or `tcp://HOST:PORT`; by default SEAWAY_HOST, DOCKER_HOST, or the engine's own socket. */
  readonly host?: string;
  readonly tls?: TlsMaterial;
  /** The API version to speak; by default the newest that both sides know. */
  readonly version?: string;
}

export class Engine {
  /** For requests that no group has. */
  readonly client: Client;
  readonly containers: Containers;
  readonly images: Images;
  readonly networks: Networks;
  readonly volumes: Volumes;
  readonly plugins: Plugins;
  readonly system: System;
  readonly swarm: Swarm;
  /** What Docker's API does not have. */
  readonly seaway: Seaway;

  constructor(client: Client) {
    this.client = client;
    this.containers = new Containers(client);
    this.images = new Images(client);
    this.networks = new Networks(client);
    this.volumes = new Volumes(client);
    this.plugins = new Plugins(client);
    this.system = new System(client);
    this.swarm = new Swarm(client);
    this.seaway = new Seaway(client);
  }
}

/** Throws `ConnectionError` where no engine answers. */
export async function connect({ host, tls, version }: ConnectOptions = {}): Promise<Engine> {
  const address = parseAddress(chooseHost(host, process.env), tls !== undefined);
  return new Engine(await Client.connect(tls === undefined ? { address } : { address, tls }, version));
}
