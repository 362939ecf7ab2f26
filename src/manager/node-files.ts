/** What a node keeps of its membership on disk: who it is, and its keys. */
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '../errors.ts';
import { writeWhole } from '../files/write-whole.ts';
import type { NodeRole } from '../swarm/spec.ts';
import { hasErrno } from '../system-error.ts';
import type { ManagerPlace } from './protocol.ts';
import type { Credentials } from './root-ca.ts';
import { sealBy } from './sealing.ts';

/** No secret is in it. */
export interface NodeIdentity {
  readonly nodeId: string;
  readonly clusterId: string;
  readonly role: NodeRole;
  /** PEM. */
  readonly rootCa: string;
  /** `IP:port`: where a manager listens, and where the others reach it. */
  readonly listen: string;
  readonly advertise: string;
  /** Address that its tunnels end at, where it is another one. */
  readonly dataPath: string;
  readonly managers: readonly ManagerPlace[];
  /** On a manager that joined others: the members of etcd there were, `name=url`. */
  readonly others?: readonly string[];
}

export interface ManagerKeys {
  /** The key that the swarm's records are sealed with, base64. */
  readonly state: string;
  /** Of this member of etcd, and the CA that the members trust. */
  readonly peer: Credentials;
  readonly peerCa: string;
  /** PEM of the list of those that are revoked. */
  readonly peerCrl?: string;
}

export interface NodeKeys {
  readonly node: Credentials;
  /** On a manager. */
  readonly manager?: ManagerKeys;
}

const [identityFile, keysFile] = ['node.json', 'keys.json'];
/** Bound to what it is sealed for. */
const place = 'keys';

interface KeysFile {
  /** Sealed with the unlock key. */
  readonly locked: boolean;
  readonly keys: NodeKeys | string;
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (thrown) {
    if (hasErrno(thrown, 'ENOENT')) return undefined;
    throw fail('FILE_DAMAGED', path, String(thrown));
  }
}

/** The folder's files, which are written whole or not at all. */
export class NodeFiles {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** undefined: the node is in no swarm. */
  identity(): NodeIdentity | undefined {
    return readJson(join(this.folder, identityFile)) as NodeIdentity | undefined;
  }

  get isLocked(): boolean {
    return (readJson(join(this.folder, keysFile)) as KeysFile | undefined)?.locked ?? false;
  }

  /** `unlockKey`: where they are locked. Throws SWARM_LOCKED, SWARM_KEY_INVALID. */
  keys(unlockKey?: Buffer): NodeKeys {
    const file = readJson(join(this.folder, keysFile)) as KeysFile | undefined;
    if (!file) throw fail('FILE_DAMAGED', join(this.folder, keysFile), 'it is gone');
    if (typeof file.keys !== 'string') return file.keys;
    if (!unlockKey) throw fail('SWARM_LOCKED');
    try {
      return JSON.parse(sealBy(unlockKey).open(place, file.keys)) as NodeKeys;
    } catch {
      throw fail('SWARM_KEY_INVALID');
    }
  }

  async writeIdentity(identity: NodeIdentity): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await writeWhole(join(this.folder, identityFile), `${JSON.stringify(identity)}\n`);
  }

  async writeKeys(keys: NodeKeys, unlockKey?: Buffer): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const file: KeysFile = unlockKey
      ? { locked: true, keys: sealBy(unlockKey).close(place, JSON.stringify(keys)) }
      : { locked: false, keys };
    await writeWhole(join(this.folder, keysFile), `${JSON.stringify(file)}\n`);
  }
}
