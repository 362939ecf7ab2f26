/** A mount whose server does not answer: a FUSE file system that nobody serves. */
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { MNT_DETACH } from '../../src/kernel/ffi/constants.ts';
import { checked } from '../../src/kernel/ffi/fault.ts';
import * as libc from '../../src/kernel/ffi/libc.ts';

const device = '/dev/fuse';

/** Kernels without FUSE cannot have one. */
export const canBeDead = existsSync(device);

/** Makes the folder; the function lets what hangs there fail, and unmounts it. */
export function mountDead(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const server = openSync(device, 'r+');
  const data = Buffer.from(`fd=${server},rootmode=40755,user_id=0,group_id=0,allow_other\0`);
  checked(libc.mount('dead', folder, 'fuse', 0, data), 'mount a file system that nobody serves');
  return () => {
    closeSync(server);
    checked(libc.umount2(folder, MNT_DETACH), 'unmount it');
  };
}
