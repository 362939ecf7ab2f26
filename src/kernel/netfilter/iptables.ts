/**
 * iptables by its save and restore programs, one process per change. `command` is the name or
 * path of the iptables to use: `iptables`, `/usr/sbin/iptables-legacy`.
 */
import { existsSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fail, hasCode, messageOf } from '../../errors.ts';
import { type Ran, runProgram } from '../../programs/run.ts';
import type { IptablesDoor } from '../doors.ts';
import type { Inside } from '../netns/sysctl.ts';

type Family = 4 | 6;

/** Where to run it: which iptables, in which namespace. */
export interface IptablesTarget {
  readonly command: string;
  readonly inside: Inside;
}

/** Limit of one call in milliseconds. */
const patience = 20_000;
/** Seconds that the program waits for the xtables lock. */
const lockWait = 3;
/** Milliseconds before each further try. */
const pauses = [200, 800];
/** Exit status for contention and lack of resources, but also for rules that the kernel refuses. */
const RESOURCE_PROBLEM = 4;
/** Messages after which a retry may succeed; some wrappers print nothing. */
const BUSY = /lock|temporarily unavailable|busy|interrupted|^$/i;

/** Messages for tables or modules that the kernel lacks. */
const MISSING =
  /does not exist|not supported|no such file|module .* not found|table does not exist|can't initialize|modprobe/i;

export const openIptables = (place: IptablesTarget): IptablesDoor => ({
  isInstalled: () => isInstalled(programOf(place.command, 4, 'restore')),
  save: (family) => save(place, family),
  restore: (family, script) => restore(place, family, script),
});

function isInstalled(program: string): boolean {
  if (program.includes('/')) return existsSync(program);
  const folders = process.env.PATH ?? '';
  return folders.split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, program)));
}

const missing = (program: string): string =>
  `${program} is not there; install iptables, or run the engine with --iptables=false`;

async function save({ command, inside }: IptablesTarget, family: Family): Promise<string> {
  const program = programOf(command, family, 'save');
  const doing = `read the IPv${family} firewall with ${basename(program)}`;
  const outcome = await run(inside, program, []);
  if (outcome === undefined) throw fail('KERNEL', doing, missing(program));
  if (outcome.code === 0) return outcome.stdout;
  const said = outcome.stderr.trim() || endingOf(outcome);
  if (MISSING.test(outcome.stderr)) throw fail('KERNEL_LACKS', `what ${basename(program)} needs: ${said}`);
  throw fail('KERNEL', doing, said);
}

/** Applies each table as a whole or not at all. The error quotes the line that failed. */
async function restore({ command, inside }: IptablesTarget, family: Family, script: string): Promise<void> {
  const program = programOf(command, family, 'restore');
  const doing = `change the IPv${family} firewall with ${basename(program)}`;
  const outcome = await run(inside, program, ['--noflush', '--wait', String(lockWait)], script);
  if (outcome === undefined) throw fail('KERNEL', doing, missing(program));
  if (outcome.code !== 0) {
    throw fail('KERNEL', doing, explainFailure(outcome.stderr, script) || endingOf(outcome));
  }
}

const endingOf = ({ code, signal }: Ran): string =>
  code === null ? `ended by ${signal}` : `exit status ${code}`;

/** `iptables` to `ip6tables-restore`, keeping folder and variant (`iptables-legacy`). */
export function programOf(command: string, family: Family, verb: 'save' | 'restore'): string {
  const name = basename(command).replace(/^ip6?tables/, family === 4 ? 'iptables' : 'ip6tables');
  return command.includes('/') ? join(dirname(command), `${name}-${verb}`) : `${name}-${verb}`;
}

/** The program's message, and the line of the script that it names. */
export function explainFailure(stderr: string, script: string): string {
  const said = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^Try `|^\S+ v[\d.]+ \(\w+\):$/.test(line))
    .join('; ');
  const number = /line:? (\d+)/i.exec(stderr)?.[1];
  const line = number === undefined ? undefined : script.split('\n')[Number(number) - 1];
  return line === undefined ? said : `${said} (in "${line.trim()}")`;
}

/** Retries under contention. Undefined where the program is missing. */
async function run(
  inside: Inside,
  program: string,
  args: readonly string[],
  input = '',
): Promise<Ran | undefined> {
  try {
    for (const pause of pauses) {
      const ran = await runProgram(program, args, { inside, input, limit: patience });
      if (ran.code !== RESOURCE_PROBLEM || !BUSY.test(ran.stderr)) return ran;
      await setTimeout(pause);
    }
    return await runProgram(program, args, { inside, input, limit: patience });
  } catch (thrown) {
    if (hasCode(thrown, 'PROGRAM_MISSING')) return undefined;
    throw fail('KERNEL', `run ${basename(program)}`, messageOf(thrown));
  }
}
