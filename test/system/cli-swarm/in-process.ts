/** Runs `seaway` in this process: a command takes milliseconds instead of a start of Node. */
import { Readable, Writable } from 'node:stream';
import { main } from '../../../src/cli/main.ts';
import type { Outcome } from '../cli-harness.ts';

class Collected extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

export async function runHere(
  words: readonly string[],
  { host, input = '' }: { readonly host: string; readonly input?: string },
): Promise<Outcome> {
  const [stdout, stderr] = [new Collected(), new Collected()];
  const env = { ...process.env, DOCKER_HOST: host, SEAWAY_HOST: host, DOCKER_CONFIG: '/nonexistent' };
  const status = await main(words, {
    // Commands use only what these share with the streams of a process.
    stdin: Readable.from([Buffer.from(input)]) as unknown as NodeJS.ReadStream,
    stdout: stdout as unknown as NodeJS.WriteStream,
    stderr: stderr as unknown as NodeJS.WriteStream,
    env,
  });
  return { status, stdout: stdout.text, stderr: stderr.text };
}
