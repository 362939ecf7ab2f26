/** Fills an empty volume with the image's files at its destination, with owner and mode, as in Docker. */
import { readdir } from 'node:fs/promises';
import { feed } from '../images/compression.ts';
import { createFlags, extractFlags, type RunningTar, startTar } from '../images/gnutar.ts';
import { asBytes, asText, onHost, rootTree, statInRoot } from '../images/root-tree.ts';
import { resolveOnDisk } from '../images/tar/resolve.ts';

/** Does nothing where the destination is no folder or the volume is not empty. */
export async function copyUp(
  from: { readonly rootfs: string; readonly destination: string },
  volume: string,
): Promise<void> {
  const view = { root: from.rootfs };
  const { path } = await resolveOnDisk(rootTree(view), asBytes(from.destination), {
    followLast: true,
    above: 'stay',
  });
  if (!(await statInRoot(view, path))?.isDirectory() || (await readdir(volume)).length > 0) return;
  const source = asText(onHost(view, path).toString('latin1'));
  const pack = startTar('fill the volume', 'tar', [...createFlags, `--directory=${source}`, '.']);
  pack.input.end();
  const unpack = startTar('fill the volume', 'tar', [...extractFlags, `--directory=${volume}`]);
  await pour(pack, unpack);
}

/** Pipes one tar into another. Both have ended when it resolves or rejects. */
export async function pour(pack: RunningTar, unpack: RunningTar): Promise<void> {
  // tar stops reading at the end of the archive, and the broken pipe is no error
  const fed = feed(unpack.input, pack.output).catch(() => {});
  try {
    // where one fails, the other would wait for ever
    await Promise.race([unpack.done, pack.done.then(() => unpack.done)]);
    await Promise.all([fed, pack.output.resume(), pack.done]);
  } finally {
    pack.stop();
    unpack.stop();
  }
}
