/** The certificate of this manager's member of etcd is short, and renewed by the CA of the members. */
import { messageOf } from '../errors.ts';
import type { Logger } from '../observe/logger.ts';
import { withPeerCertificate } from '../swarm/peer-certificates.ts';
import { makeCredentials } from './certificates.ts';
import { writePeerKeys } from './etcd-flags.ts';
import { peerLife } from './founding.ts';
import type { ManagerKeys } from './node-files.ts';
import { makeCrl } from './root-ca.ts';
import type { ManagerStore } from './store.ts';
import { peerCertificateOf, subjectOf } from './subject.ts';

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
  #stop: (() => void) | undefined;
  /** The list of revoked certificates that is written, or being written. */
  #revoked = '';

  constructor(options: PeerRenewalOptions) {
    this.#options = options;
    this.#keys = options.keys;
  }

  get keys(): ManagerKeys {
    return this.#keys;
  }

  async begin(): Promise<void> {
    await this.look();
    this.#stop = this.#options.store.onChange((changes) => {
      if (changes.some(({ table }) => table === 'keys')) void this.#revoke();
    });
    this.#timer = setInterval(() => void this.look(), looking).unref();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#stop?.();
  }

  /** etcd reads its certificate and the list of revoked ones again at each handshake. */
  async look(now = Date.now()): Promise<void> {
    await this.#renewInTime(now);
    await this.#revoke();
  }

  async #renewInTime(now: number): Promise<void> {
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
    const certificate = peerCertificateOf(peer.certificate);
    await store.transact((view) => {
      const node = view.get('nodes', nodeId);
      const put = node && withPeerCertificate(node, certificate, Date.now());
      return { changes: put ? [{ table: 'nodes', put }] : [], result: undefined };
    });
    this.#keys = { ...this.#keys, peer, peerCa: records.peerCa };
    writePeerKeys(run, this.#keys);
    await kept(this.#keys);
  }

  /** One that could not be written is tried again at the next look. */
  async #revoke(): Promise<void> {
    const { store, run, kept, logger } = this.#options;
    const revoked = Array.from(store.view.all('keys')).flatMap(({ revokedPeers = [] }) => revokedPeers);
    const text = JSON.stringify(revoked);
    if (text === this.#revoked) return;
    this.#revoked = text;
    try {
      const peerCrl = await makeCrl(this.#keys.peer, revoked);
      // another list has come meanwhile
      if (this.#revoked !== text) return;
      this.#keys = { ...this.#keys, peerCrl };
      writePeerKeys(run, this.#keys);
      await kept(this.#keys);
    } catch (error) {
      if (this.#revoked === text) this.#revoked = '';
      logger.error('the list of revoked certificates of etcd is not written', { error });
    }
  }
}
