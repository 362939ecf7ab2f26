/** Running programs and waiting for what they say, without holding up the event loop. */
import { spawn, spawnSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

export interface Said {
  /** Exit status; 128 and the signal's number where a signal ended it. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Standard input; none where it is absent. */
  readonly input?: string | Buffer;
  readonly cwd?: string;
  /** Milliseconds; default one minute. */
  readonly timeout?: number;
}

/** Run a program to its end, whatever that is. Rejected only where it cannot be run or takes too long. */
export function run(command: readonly string[], options: RunOptions = {}): Promise<Said> {
  const [program = '', ...args] = command;
  const { env, cwd, input, timeout = 60_000 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...(env && { env }),
      ...(cwd !== undefined && { cwd }),
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    const said = { stdout: '', stderr: '' };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said.stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said.stderr += text;
    });
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${command.join(' ')}: not done after ${timeout} ms\n${said.stdout}${said.stderr}`));
    }, timeout);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ ...said, status: code ?? 128 });
    });
    child.stdin?.on('error', () => undefined).end(input);
  });
}

/** Run a program that must succeed; its standard output without the blanks around it. */
export async function succeed(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const { status, stdout, stderr } = await run(command, options);
  if (status === 0) return stdout.trim();
  throw new Error(`${command.join(' ')}: status ${status}\n${stderr}${stdout}`.trim());
}

export const isInstalled = (program: string, ...args: readonly string[]): boolean =>
  spawnSync(program, args.length > 0 ? args : ['--version'], { stdio: 'ignore' }).status === 0;

/** Ask again until the answer is true; false after so many milliseconds. */
export async function soon(ask: () => boolean | Promise<boolean>, patience = 5000): Promise<boolean> {
  const end = performance.now() + patience;
  while (!(await ask())) {
    if (performance.now() > end) return false;
    await delay(50);
  }
  return true;
}
