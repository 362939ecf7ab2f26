/** Implements `Namespace`. */
import { announce } from '../announce/announce.ts';
import { close } from '../ffi/libc.ts';
import type { FlowMatch } from '../flows.ts';
import type { Announcer, Holder, Namespace, RouteSocket } from '../kernel.ts';
import { forgetFlowsTo } from '../netfilter/conntrack.ts';
import { keepLowDescriptors, runNftables } from '../netfilter/nftables.ts';
import { learnedBehind } from '../rtnetlink/learned.ts';
import { openRouteSocket } from '../rtnetlink/route-socket.ts';
import { insideOf, isHome, openNamespaceFile } from './enter.ts';
import { readSysctl, writeSysctl } from './sysctl.ts';

class OpenNamespace implements Namespace {
  readonly path: string;
  readonly fd: number;
  readonly isHome: boolean;
  #route: RouteSocket | undefined;
  #open = true;

  constructor(path: string, fd: number) {
    this.path = path;
    this.fd = fd;
    this.isHome = isHome(fd);
  }

  /** The socket is opened at first use and kept. */
  get route(): RouteSocket {
    this.#route ??= openRouteSocket((open) => this.inside(open));
    return this.#route;
  }

  readSysctl(key: string): string | undefined {
    return readSysctl((open) => this.inside(open), key);
  }

  writeSysctl(key: string, value: string): void {
    writeSysctl((open) => this.inside(open), key, value);
  }

  inside<T>(open: () => T): T {
    return insideOf(this, open);
  }

  nft(commands: string): string {
    return this.inside(() => runNftables(commands));
  }

  forgetFlowsTo(to: string | FlowMatch, answering: readonly string[]): Promise<void> {
    return forgetFlowsTo(this, { to, answering });
  }

  announce(link: Announcer, address: string): boolean {
    return this.announceOthers(link.index, [{ mac: link.mac, address }]);
  }

  learnedBehind(port: number): readonly string[] {
    return learnedBehind((open) => this.inside(open), port);
  }

  announceOthers(link: number, holders: readonly Holder[]): boolean {
    return announce((open) => this.inside(open), link, holders);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#route?.close();
    close(this.fd);
  }
}

/** Opens the namespace at `file`; `path` is its name in the interface, '' for the engine's namespace. */
export function openNamespace(file: string, path = file): Namespace {
  keepLowDescriptors();
  return new OpenNamespace(path, openNamespaceFile(file));
}
