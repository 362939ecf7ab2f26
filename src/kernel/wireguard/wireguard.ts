/**
 * WireGuard: links of the kernel's, or where it has none of `wireguard-go`, a program for each link that ends with it.
 * Both are set up by `wg`.
 */
import { fail, hasCode } from '../../errors.ts';
import { runProgram } from '../../programs/run.ts';
import type { WireguardDoor } from '../doors.ts';
import type { RouteSocket } from '../kernel.ts';
import type { Inside } from '../netns/sysctl.ts';

/** Milliseconds of one call. */
const limit = 10_000;

export interface WireguardPlace {
  readonly route: Pick<RouteSocket, 'createLink'>;
  readonly inside: Inside;
}

export const openWireguard = (place: WireguardPlace): WireguardDoor => ({
  create: (name) => create(place, name),
  configure: async (name, file) => {
    await run(place, ['wg', 'syncconf', name, file], `set up WireGuard link "${name}"`);
  },
  shown: (name) => run(place, ['wg', 'showconf', name], `read WireGuard link "${name}"`),
});

async function create(place: WireguardPlace, name: string): Promise<void> {
  try {
    place.route.createLink({ type: 'wireguard', name });
  } catch (error) {
    if (!hasCode(error, 'KERNEL_LACKS')) throw error;
    await run(place, ['wireguard-go', name], `create WireGuard link "${name}"`);
  }
}

/** Without the notice in a frame that wireguard-go prints each time. */
const said = (stderr: string): string =>
  stderr
    .split('\n')
    .filter((line) => !/^[┌│└]/.test(line))
    .join('\n')
    .trim();

const missing: Readonly<Record<string, string>> = {
  wg: 'wg is not there; install wireguard-tools',
  'wireguard-go': 'the kernel has no WireGuard, and wireguard-go is not there; install one of them',
};

async function run(
  { inside }: WireguardPlace,
  [program = '', ...args]: readonly string[],
  doing: string,
): Promise<string> {
  try {
    const { code, stdout, stderr } = await runProgram(program, args, { inside, limit, detached: true });
    if (code !== 0) throw fail('KERNEL', doing, said(stderr) || `${program} ends with status ${code}`);
    return stdout;
  } catch (error) {
    if (hasCode(error, 'PROGRAM_MISSING')) throw fail('KERNEL', doing, missing[program] ?? program);
    throw error;
  }
}
