/** A node becomes a manager, or stops being one: calls to those that are managers, and the files that follow. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fail, messageOf } from '../../errors.ts';
import { removeTree } from '../../kernel/files/remove-tree.ts';
import { openAdmin } from '../../kv/etcd/admin.ts';
import { keysOf } from '../../manager/calls.ts';
import { makeRequest } from '../../manager/certificates.ts';
import { copiesFolder } from '../../manager/copies.ts';
import { endEtcd } from '../../manager/end-etcd.ts';
import { socketOf } from '../../manager/etcd-process.ts';
import type { Manager } from '../../manager/manager.ts';
import type { NodeFiles, NodeIdentity, NodeKeys } from '../../manager/node-files.ts';
import { admitBy, enrollBy, renewBy, type Trust } from '../../manager/remote.ts';
import { makeCrl } from '../../manager/root-ca.ts';
import { subjectOf } from '../../manager/subject.ts';
import type { Logger } from '../../observe/logger.ts';

export interface Standing {
  readonly identity: NodeIdentity;
  readonly keys: NodeKeys;
}

export const dataFolder = (files: NodeFiles): string => join(files.folder, 'etcd');

/** Nothing of the swarm stays on disk. The etcd of a manager that is locked, or could not begin, still runs. */
export async function forgetMembership({
  files,
  run,
}: {
  readonly files: NodeFiles;
  readonly run: string;
}): Promise<void> {
  await endEtcd(run);
  await removeTree(files.folder);
  await removeTree(run);
}

/** The first manager that answers. Throws what the last one says. */
async function byOne<T>(
  { identity, keys }: Standing,
  call: (place: string, trust: Trust) => Promise<T>,
): Promise<T> {
  const trust = { rootCa: identity.rootCa, node: keys.node };
  let last: unknown = fail('SWARM_NO_LEADER');
  for (const { nodeId, address } of identity.managers) {
    if (nodeId === identity.nodeId) continue;
    try {
      return await call(address, { ...trust, manager: nodeId });
    } catch (thrown) {
      last = thrown;
    }
  }
  throw last;
}

/** A certificate by the role that the managers have on record. */
export async function renewed(standing: Standing, manager: Manager | undefined): Promise<NodeKeys> {
  const { request, key } = await makeRequest();
  const { nodeId } = standing.identity;
  const certificate = manager
    ? (await manager.authority.renew(nodeId, request)).certificate
    : await byOne(standing, (place, trust) => renewBy(place, trust, request));
  return { ...standing.keys, node: { certificate, key } };
}

/** Also one that was away for longer than its certificate among the members lasts. Alone it makes itself a new one. */
export function needsEnrolling(
  {
    role,
    managers,
    keys,
  }: Pick<NodeIdentity, 'role' | 'managers'> & { readonly keys: Pick<NodeKeys, 'manager'> },
  now = Date.now(),
): boolean {
  if (role === 'worker' || !keys.manager) return true;
  return managers.length > 1 && subjectOf(keys.manager.peer.certificate).until < now;
}

/** What is left of an earlier membership of the store would keep it from coming up. */
export async function enrolled(standing: Standing, files: NodeFiles): Promise<Standing> {
  await removeTree(dataFolder(files));
  const keys = await renewed(standing, undefined);
  const { request, key } = await makeRequest();
  const { advertise } = standing.identity;
  const answer = await byOne({ ...standing, keys }, (place, trust) =>
    enrollBy(place, trust, { request, place: advertise }),
  );
  const identity: NodeIdentity = { ...standing.identity, role: 'manager', others: answer.others };
  const manager = keysOf(answer, key);
  // the list of those that are revoked comes with the records
  return { identity, keys: { ...keys, manager: { ...manager, peerCrl: await makeCrl(manager.peer, []) } } };
}

export const admitted = (standing: Standing): Promise<void> =>
  byOne(standing, (place, trust) =>
    admitBy(place, trust, { request: '', place: standing.identity.advertise }),
  );

/** Milliseconds for giving up the manager's role. */
const resigning = 15_000;

/** Without a majority the others cannot be told. */
export async function resign(manager: Manager, logger: Logger): Promise<void> {
  const late = sleep(resigning, undefined, { ref: false });
  await Promise.race([manager.members.resign(), late]).catch((error) =>
    logger.warn('the other managers were not told of the leave', { error: messageOf(error) }),
  );
}

/** Milliseconds until a member must be out of the store, between looks, and looks that must agree. */
const [leaving, step, agreeing] = [30_000, 300, 3];

/** Resolves once the other managers no longer count it: one that went before would be missing. */
export async function untilOut(
  manager: Manager | undefined,
  { run, nodeId }: { readonly run: string; readonly nodeId: string },
): Promise<void> {
  const isMember = (): Promise<boolean> => manager?.members.isMember() ?? isMemberBy(run, nodeId);
  const end = performance.now() + leaving;
  let out = 0;
  while (out < agreeing && performance.now() < end) {
    out = (await isMember()) ? 0 : out + 1;
    await sleep(step);
  }
}

/** Its member of the store, which it may not have been able to open, and what that has on disk. */
export async function endManaging(
  manager: Manager | undefined,
  { files, run }: { readonly files: NodeFiles; readonly run: string },
): Promise<void> {
  await (manager ? manager.end() : endEtcd(run));
  await removeTree(dataFolder(files));
  await removeTree(copiesFolder(dataFolder(files)));
}

/** By the store of a manager that could not begin; one that does not answer is none. */
async function isMemberBy(run: string, nodeId: string): Promise<boolean> {
  const admin = openAdmin({ host: 'localhost', port: 0, socket: socketOf(run) });
  try {
    return (await admin.members()).some(({ name }) => name === nodeId);
  } catch {
    return false;
  } finally {
    admin.close();
  }
}
