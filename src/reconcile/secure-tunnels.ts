/**
 * The host's WireGuard link, of encrypted networks. It is there as long as one of them has an endpoint here. What is for
 * other hosts' addresses goes by it alone: with the link down or gone a route without a way takes their packets.
 */
import { rmSync } from 'node:fs';
import { fail } from '../errors.ts';
import { writeWholeSync } from '../files/write-whole.ts';
import type { Kernel, Route } from '../kernel/kernel.ts';
import { seawayProtocol } from '../kernel/kernel.ts';
import {
  isSameWireguard,
  type SecureTunnels,
  secureRange,
  secureTunnels,
  wireguardConfig,
} from '../model/secure-tunnels.ts';
import type { View } from '../model/tables.ts';

export interface SecureTunnelsContext {
  readonly kernel: Pick<Kernel, 'host' | 'wireguard'>;
  readonly view: View;
  /** This host's private key, base64. */
  readonly privateKey: () => string;
  /** The engine's rules are there (`raw` of ip6tables), by which nothing passes in clear. */
  readonly isGuarded: boolean;
  /** Path of a file that is there while the link is set up. */
  readonly configFile: string;
  trace(line: string): void;
}

/** Written as the link's alias. */
const alias = 'seaway:tunnels';

const unguarded =
  'they need rules of ip6tables, which this engine is not to make (--ip6tables, DOCKER_INSECURE_NO_IPTABLES_RAW)';

const barrier: Route = { destination: secureRange, type: 'blackhole', metric: 0xffff_fffe };

/** Milliseconds in which a link is not read again. The kernel tells nobody of a change of its keys and peers. */
const believed = 2_000;

/** Index of the link, what it was given, and when it was last known to have that. */
interface Applied {
  readonly index: number;
  readonly config: string;
  readonly at: number;
}

export class SecureTunnelsScope {
  readonly #context: SecureTunnelsContext;
  #running: Promise<unknown> = Promise.resolve();
  #applied: Applied | undefined;

  constructor(context: SecureTunnelsContext) {
    this.#context = context;
  }

  /** One run at a time. Resolves with the number of actions. Throws KERNEL, KERNEL_LACKS. */
  converge(): Promise<number> {
    const run = this.#running.then(() => this.#converge(secureTunnels(this.#context.view)));
    this.#running = run.catch(() => undefined);
    return run;
  }

  /** Whatever the records say. */
  async remove(): Promise<void> {
    await this.#converge(undefined);
  }

  async #converge(wanted: SecureTunnels | undefined): Promise<number> {
    if (!wanted || !this.#applied) await this.#removeOthers(wanted?.link);
    if (wanted) return await this.#make(wanted);
    const { route } = this.#context.kernel.host;
    const isBarrier = ({ destination, type }: Route): boolean =>
      destination === secureRange && type === 'blackhole';
    if (route.listRoutes().some(isBarrier)) route.removeRoute(barrier);
    this.#applied = undefined;
    return 0;
  }

  /** Links of an earlier run, but that one. */
  async #removeOthers(name: string | undefined): Promise<void> {
    const { route } = this.#context.kernel.host;
    const others = route.listLinks().filter((link) => link.alias === alias && link.name !== name);
    await route.removeLinks(others.map((link) => link.name));
  }

  async #make(wanted: SecureTunnels): Promise<number> {
    const { kernel, isGuarded, privateKey, trace } = this.#context;
    if (!isGuarded) throw fail('KERNEL', 'set up encrypted networks', unguarded);
    const { route } = kernel.host;
    let count = 0;
    const act = (what: string): void => {
      count++;
      trace(`${what} ns=host key=${wanted.link}`);
    };
    route.replaceRoute(barrier);
    if (!route.findLink(wanted.link)) {
      act('act=make kind=link');
      await kernel.wireguard.create(wanted.link);
    }
    const link = route.findLink(wanted.link);
    const index = link?.index ?? 0;
    const config = wireguardConfig(wanted, privateKey());
    if (!(await this.#has(wanted.link, { index, config }))) {
      act(`act=change kind=wireguard peers=${wanted.peers.length}`);
      await this.#configure(wanted.link, config);
    }
    if (!link?.up || link.alias !== alias || link.mtu !== wanted.mtu) {
      act('act=change kind=link');
      route.changeLink(index, { alias, mtu: wanted.mtu, up: true });
    }
    route.addAddress({ link: index, address: `${wanted.address}/128`, scope: 'global', nodad: true });
    this.#routes(index, wanted);
    if (this.#applied?.index !== index || this.#applied.config !== config)
      this.#applied = { index, config, at: performance.now() };
    return count;
  }

  /** Whether the link has been given that, and nobody has changed it since. */
  async #has(name: string, { index, config }: Omit<Applied, 'at'>): Promise<boolean> {
    const applied = this.#applied;
    if (applied?.index !== index || applied.config !== config) return false;
    if (performance.now() - applied.at < believed) return true;
    this.#applied = undefined;
    const shown = await this.#context.kernel.wireguard.shown(name);
    if (!isSameWireguard(shown, config)) return false;
    this.#applied = { index, config, at: performance.now() };
    return true;
  }

  /** A key is no argument of a program: everybody could read it. */
  async #configure(link: string, config: string): Promise<void> {
    const { kernel, configFile } = this.#context;
    writeWholeSync(configFile, config);
    try {
      await kernel.wireguard.configure(link, configFile);
    } finally {
      rmSync(configFile, { force: true });
    }
  }

  #routes(link: number, { peers }: SecureTunnels): void {
    const { route } = this.#context.kernel.host;
    const wanted = new Set(peers.map(({ address }) => `${address}/128`));
    for (const known of route.listRoutes({ link }))
      if (known.protocol === seawayProtocol && !wanted.has(known.destination)) route.removeRoute(known);
    for (const destination of wanted) route.replaceRoute({ destination, link });
  }
}
