/** Namespaces whose file a user names, which may lie on a mount that does not answer. */
import { errno } from '../ffi/constants.ts';
import { kernelError } from '../ffi/fault.ts';
import { hostPaths } from '../files/host-paths.ts';
import type { Kernel, Namespace } from '../kernel.ts';

/** Opens one without blocking the event loop. Throws HOST_PATH_SILENT, KERNEL. */
export async function openForeign(kernel: Pick<Kernel, 'openNamespace'>, path: string): Promise<Namespace> {
  const file = await hostPaths.open(path);
  if (!file) throw kernelError(`open network namespace "${path}"`, errno.ENOENT);
  try {
    return kernel.openNamespace(path, file.fd);
  } finally {
    await file.close();
  }
}
