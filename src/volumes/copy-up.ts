/** An empty volume gets what the image has at its place: files, owner and mode, as in Docker. */
import { readdir } from 'node:fs/promises';
import { feed } from '../images/compression.ts';
import { createFlags, extractFlags, type RunningTar, startTar } from '../images/gnutar.ts';
import { asBytes, asText, onHost, rootTree, statInRoot } from '../images/root-tree.ts';
import { resolveInRoot } from '../images/tar/resolve.ts';

/** No folder at the destination, or a volume that is not empty: nothing happens. */
export async function copyUp(
  from: { readonly rootfs: string; readonly destination: string },
  volume: string,
): Promise<void> {
  const view = { root: from.rootfs };
  const { path } = resolveInRoot(rootTree(view), asBytes(from.destination), {
    followLast: true,
    above: 'stay',
  });
  if (!statInRoot(view, path)?.isDirectory() || (await readdir(volume)).length > 0) return;
  const source = asText(onHost(view, path).toString('latin1'));
  const pack = startTar('fill the volume', 'tar', [...createFlags, `--directory=${source}`, '.']);
  pack.input.end();
  const unpack = startTar('fill the volume', 'tar', [...extractFlags, `--directory=${volume}`]);
  await pour(pack, unpack);
}

/** What one packs the other unpacks. Both are over when it is done, or has failed. */
export async function pour(pack: RunningTar, unpack: RunningTar): Promise<void> {
  // tar stops reading at the end of the archive: that the pipe then breaks is no error
  const fed = feed(unpack.input, pack.output).catch(() => {});
  try {
    // one that fails would leave the other waiting for it
    await Promise.race([unpack.done, pack.done.then(() => unpack.done)]);
    await Promise.all([fed, pack.output.resume(), pack.done]);
  } finally {
    pack.stop();
    unpack.stop();
  }
}
