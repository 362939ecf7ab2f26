/** `--security-opt`. */
import { readFile } from 'node:fs/promises';
import { CliError } from '../failure.ts';

export interface Security {
  readonly options: readonly string[];
  /** `systempaths=unconfined`: nothing of /proc and /sys is hidden. */
  readonly systemPathsUnconfined: boolean;
}

/** Profiles of seccomp are read here and sent; the engine may be elsewhere. Throws `CliError`. */
export async function securityOf(given: readonly string[]): Promise<Security> {
  const options: string[] = [];
  let systemPathsUnconfined = false;
  for (const text of given) {
    if (text === 'systempaths=unconfined') {
      systemPathsUnconfined = true;
      continue;
    }
    options.push(await optionOf(text));
  }
  return { options, systemPathsUnconfined };
}

async function optionOf(text: string): Promise<string> {
  if (text === 'no-new-privileges') return text;
  const separator = text.includes('=') ? '=' : ':';
  const at = text.indexOf(separator);
  if (at < 0) throw new CliError(`Invalid --security-opt: ${JSON.stringify(text)}`);
  const [key, value] = [text.slice(0, at), text.slice(at + 1)];
  if (key !== 'seccomp' || value === 'unconfined' || value === 'builtin') return text;
  let profile: string;
  try {
    profile = await readFile(value, 'utf8');
  } catch (cause) {
    throw new CliError(
      `opening seccomp profile (${value}) failed: open ${value}: no such file or directory`,
      { cause },
    );
  }
  try {
    return `seccomp=${JSON.stringify(JSON.parse(profile))}`;
  } catch (cause) {
    throw new CliError(
      `compacting json for seccomp profile (${value}) failed: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    );
  }
}
