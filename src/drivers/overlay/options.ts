/** Options of overlay networks, in the words of Docker's driver. */
import { fail } from '../../errors.ts';
import { parseInteger } from '../../go/strconv.ts';
import type { Options } from '../../model/option-values.ts';
import { readMtu, readPrefix } from '../options.ts';

export const vniOption = 'com.docker.network.driver.overlay.vxlanid_list';
const encryptedOption = 'encrypted';

/** VXLAN network identifiers have 24 bits (RFC 7348 section 5). */
export const lastVni = 2 ** 24 - 1;

export interface OverlayOptions {
  /** 0 where it is left open. */
  readonly mtu: number;
  /** Empty where they are left open. */
  readonly vnis: readonly number[];
  /** Prefix of the interface's name inside. */
  readonly prefix: string;
  readonly encrypted: boolean;
}

/** Throws NETWORK_OPTION_INVALID. */
export function readOverlayOptions(options: Options): OverlayOptions {
  return {
    mtu: readMtu(options),
    vnis: readVnis(options[vniOption]),
    prefix: readPrefix(options),
    // Docker does not read its value
    encrypted: options[encryptedOption] !== undefined,
  };
}

function readVnis(list: string | undefined): readonly number[] {
  if (list === undefined) return [];
  return list.split(',').map((text) => {
    const vni = integerOf(text);
    if (vni === undefined || vni < 1 || vni > lastVni)
      throw fail('NETWORK_OPTION_INVALID', `invalid vxlan id value ${JSON.stringify(text)} passed`);
    return vni;
  });
}

function integerOf(text: string): number | undefined {
  try {
    return parseInteger(text);
  } catch {
    return undefined;
  }
}
