/** What plugins write goes into the engine's log, as in Docker. */

import type { Container } from '../../model/container.ts';
import { nowNanoseconds } from '../../observe/clock.ts';
import type { PluginNeeds } from './needs.ts';

const frameHeader = 8;
const longestLine = 4096;

/** From now on, until its process ends. Never rejects. */
export function followOutput(needs: Pick<PluginNeeds, 'runtime' | 'logger'>, container: Container): void {
  void read(needs, container).catch((error: unknown) =>
    needs.logger.warn('the output of a plugin cannot be read', { plugin: container.name, error }),
  );
}

async function read(
  { runtime, logger }: Pick<PluginNeeds, 'runtime' | 'logger'>,
  container: Container,
): Promise<void> {
  const options = { stdout: true, stderr: true, timestamps: false, follow: true, since: nowNanoseconds() };
  for await (const piece of runtime.logs(container, options))
    for (const line of textOf(piece).split('\n'))
      if (line !== '') logger.info(line.slice(0, longestLine), { plugin: container.name });
}

/** Frames without their headers. */
function textOf(frames: Buffer): string {
  const parts: Buffer[] = [];
  for (let at = 0; at + frameHeader <= frames.length; ) {
    const end = at + frameHeader + frames.readUInt32BE(at + 4);
    parts.push(frames.subarray(at + frameHeader, end));
    at = end;
  }
  return Buffer.concat(parts).toString('utf8');
}
