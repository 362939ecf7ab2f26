/** How Docker shows what was chosen for an overlay network. */
import type { Network } from '../../model/network.ts';

const identifiers = 'com.docker.network.driver.overlay.vxlanid_list';

export const chosenOptions = ({ overlay }: Network): Readonly<Record<string, string>> =>
  overlay ? { [identifiers]: overlay.vnis.join(',') } : {};

/** Without what was chosen. */
export function askedOptions({ options }: Network): Readonly<Record<string, string>> {
  const { [identifiers]: _chosen, ...asked } = options;
  return asked;
}
