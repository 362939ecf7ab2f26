/**
 * iptables by its own save and restore programs, one process per change. `command` is the name or
 * path of the iptables to use: `iptables`, `/usr/sbin/iptables-legacy`.
 */
import { basename, dirname, join } from 'node:path';
import { fail, hasCode, messageOf } from '../../errors.ts';
import { type Ran, runProgram } from '../../programs/run.ts';
import type { IptablesFamily } from '../kernel.ts';
import type { Inside } from '../netns/sysctl.ts';

/** Where to run it: which iptables, in which namespace. */
export interface IptablesPlace {
  readonly command: string;
  readonly inside: Inside;
}

/** Milliseconds for one call; others may hold the lock of the tables. */
const patience = 30_000;

/** What iptables says where the kernel or the machine has nothing of the kind. */
const MISSING =
  /does not exist|not supported|no such file|module .* not found|table does not exist|can't initialize|modprobe/i;

/** All tables, or undefined where iptables, or the family's tables in the kernel, are missing. */
export async function saveIptables(
  place: IptablesPlace,
  family: IptablesFamily,
): Promise<string | undefined> {
  const program = programOf(place.command, family, 'save');
  const outcome = await run(place.inside, program, [], '');
  if (outcome === undefined) return undefined;
  if (outcome.code === 0) return outcome.stdout;
  if (MISSING.test(outcome.stderr)) return undefined;
  throw fail('KERNEL', `run ${basename(program)}`, outcome.stderr.trim() || `exit status ${outcome.code}`);
}

/** Applies a script; each of its tables as a whole or not at all. The error quotes the line that failed. */
export async function restoreIptables(
  place: IptablesPlace,
  family: IptablesFamily,
  script: string,
): Promise<void> {
  const program = programOf(place.command, family, 'restore');
  const doing = `change the ${family === 4 ? 'IPv4' : 'IPv6'} firewall with ${basename(program)}`;
  const outcome = await run(place.inside, program, ['--noflush', '--wait'], script);
  if (outcome === undefined) throw fail('KERNEL', doing, `${program} is not there; install iptables`);
  if (outcome.code !== 0) {
    throw fail('KERNEL', doing, explainFailure(outcome.stderr, script) || `exit status ${outcome.code}`);
  }
}

/** `iptables` to `ip6tables-restore`, keeping folder and variant (`iptables-legacy`). */
export function programOf(command: string, family: IptablesFamily, verb: 'save' | 'restore'): string {
  const name = basename(command).replace(/^ip6?tables/, family === 4 ? 'iptables' : 'ip6tables');
  return command.includes('/') ? join(dirname(command), `${name}-${verb}`) : `${name}-${verb}`;
}

/** The program's words, and the line of the script that they are about. */
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

/** Undefined where there is no such program. */
async function run(
  inside: Inside,
  program: string,
  args: readonly string[],
  input: string,
): Promise<Ran | undefined> {
  try {
    return await runProgram(program, args, { inside, input, limit: patience });
  } catch (thrown) {
    if (hasCode(thrown, 'PROGRAM_MISSING')) return undefined;
    throw fail('KERNEL', `run ${basename(program)}`, messageOf(thrown));
  }
}
