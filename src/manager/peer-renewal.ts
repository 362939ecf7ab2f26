/** The certificate of this manager's member of etcd is short, and renewed by the CA of the members. */
import { messageOf } from '../errors.ts';
import type { Logger } from '../observe/logger.ts';
import { makeCredentials } from './certificates.ts';
import { writePeerKeys } from './etcd-flags.ts';
import { peerLife } from './founding.ts';
import type { ManagerKeys } from './node-files.ts';
import type { ManagerStore } from './store.ts';
import { subjectOf } from './subject.ts';

export interface PeerRenewalOptions {
  readonly store: ManagerStore;
  readonly run: string;
  readonly nodeId: string;
  readonly clusterId: string;
  /** IP that the other members reach it at. */
  readonly address: string;
  readonly keys: ManagerKeys;
  /** Keeps the new ones on disk. */
  readonly kept: (keys: ManagerKeys) => Promise<void>;
  readonly logger: Logger;
}

/** Milliseconds between looks. */
const looking = 3_600_000;

export class PeerRenewal {
  readonly #options: PeerRenewalOptions;
  #keys: ManagerKeys;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PeerRenewalOptions) {
    this.#options = options;
    this.#keys = options.keys;
  }

  get keys(): ManagerKeys {
    return this.#keys;
  }

  async begin(): Promise<void> {
    await this.look();
    this.#timer = setInterval(() => void this.look(), looking).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** etcd reads its certificate again at each handshake. */
  async look(now = Date.now()): Promise<void> {
    const { from, until } = subjectOf(this.#keys.peer.certificate);
    if (now < from + (until - from) / 2) return;
    try {
      await this.#renew();
    } catch (error) {
      this.#options.logger.warn('the certificate of etcd was not renewed', { error: messageOf(error) });
    }
  }

  /** The CA of the members is another one. */
  replace(): Promise<void> {
    return this.#renew();
  }

  async #renew(): Promise<void> {
    const { store, run, nodeId, clusterId, address, kept } = this.#options;
    const [records] = store.view.all('keys');
    if (!records) return;
    const peer = await makeCredentials({
      ca: { certificate: records.peerCa, key: records.peerKey },
      ...{ subject: { nodeId, clusterId, role: 'manager' }, life: peerLife },
      addresses: [address, '127.0.0.1'],
    });
    this.#keys = { ...this.#keys, peer, peerCa: records.peerCa };
    writePeerKeys(run, this.#keys);
    await kept(this.#keys);
  }
}
