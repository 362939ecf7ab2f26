/** Streams of dockerode, read to their ends. */
import { PassThrough } from 'node:stream';
import type Docker from 'dockerode';

export async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

/** Standard output and standard error of a stream that has both. */
export const splitBy =
  ({ modem }: Docker) =>
  async (stream: NodeJS.ReadableStream): Promise<{ out: string; err: string }> => {
    const [out, err] = [new PassThrough(), new PassThrough()];
    modem.demuxStream(stream, out, err);
    stream.on('end', () => {
      out.end();
      err.end();
    });
    const [first, second] = await Promise.all([textOf(out), textOf(err)]);
    return { out: first, err: second };
  };

/** A stream of progress: its objects. */
export const followed =
  ({ modem }: Docker) =>
  (stream: NodeJS.ReadableStream): Promise<readonly Record<string, unknown>[]> =>
    new Promise((resolve, reject) => {
      modem.followProgress(stream, (error, result) => (error ? reject(error) : resolve(result)));
    });
