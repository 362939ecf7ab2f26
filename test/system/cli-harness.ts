/** Runs the docker CLI and `seaway` side by side. What is missing is told as the reason to skip. */
import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const seawaySource = join(root, 'src/main/seaway.ts');

/** The version of the docker CLI whose words `seaway` follows. */
const followedVersion = '28.2.2';

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type Program = 'docker' | 'seaway';

/** Run one of the two. `seaway` runs from source, on the Node that runs the tests. */
export function run(
  program: Program,
  words: readonly string[],
  options: { readonly host: string; readonly input?: string },
): Promise<Outcome> {
  const env = { ...process.env, DOCKER_HOST: options.host, DOCKER_CONFIG: '/nonexistent' };
  const [file, args] =
    program === 'docker' ? ['docker', words] : [process.execPath, ['--', seawaySource, ...words]];
  return new Promise((resolve) => {
    const child = execFile(
      file,
      [...args],
      { env, maxBuffer: 64 << 20, timeout: 60_000 },
      (error, stdout, stderr) => {
        const status = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ status, stdout, stderr });
      },
    );
    // A command that does not read its input closes it.
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input ?? '');
  });
}

/** Run and insist on success; the output without its last line feed. */
export async function must(program: Program, words: readonly string[], host: string): Promise<string> {
  const { status, stdout, stderr } = await run(program, words, { host });
  if (status !== 0) throw new Error(`${program} ${words.join(' ')} ended with ${status}: ${stderr}`);
  return stdout.trimEnd();
}

/** The words of a line; quotes keep blanks together. */
export function wordsOf(line: string): string[] {
  return (line.match(/'[^']*'|"[^"]*"|\S+/g) ?? []).map((word) => word.replace(/^(['"])(.*)\1$/s, '$2'));
}

/** Why the docker CLI cannot be compared with; undefined where it can. */
export function missingClient(): string | undefined {
  const { status, stdout } = spawnSync('docker', ['--version'], { encoding: 'utf8' });
  if (status !== 0) return 'no docker CLI is installed';
  return stdout.includes(` ${followedVersion},`) ? undefined : `the docker CLI is not ${followedVersion}`;
}
