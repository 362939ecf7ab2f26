/** Shows the progress that the engine reports in JSON lines: pull, load, import. */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { ProgressLine } from '#client/answers.ts';
import { humanSize } from '../../go/size.ts';
import { write } from '../connect.ts';
import type { Context } from '../context.ts';
import { CliError } from '../failure.ts';

export interface ProgressOptions {
  readonly quiet?: boolean;
  readonly to?: NodeJS.WriteStream;
}

/** On a terminal each layer keeps its line; elsewhere changes are printed once. Throws errors that the engine reports. */
export async function showProgress(
  context: Context,
  body: Readable,
  { quiet = false, to = context.stdout }: ProgressOptions = {},
): Promise<void> {
  const screen = to.isTTY ? new Screen(to) : undefined;
  for await (const text of createInterface({ input: body })) {
    if (text.trim() === '') continue;
    const line = JSON.parse(text) as ProgressLine;
    const error = line.errorDetail?.message ?? line.error;
    if (error !== undefined) throw new CliError(error);
    if (quiet) continue;
    if (screen !== undefined) await screen.show(line);
    else await showPlain(to, line);
  }
}

async function showPlain(to: NodeJS.WriteStream, line: ProgressLine): Promise<void> {
  if (line.stream !== undefined) return write(to, line.stream);
  // A bar needs a terminal; the words around it tell enough.
  if (line.progressDetail?.current !== undefined) return;
  if (line.status !== undefined)
    await write(to, `${line.id === undefined ? '' : `${line.id}: `}${line.status}\n`);
}

const barWidth = 50;

function bar({ current = 0, total = 0 }: { current?: number; total?: number }): string {
  if (total <= 0) return humanSize(current);
  const done = Math.min(barWidth, Math.floor((current / total) * barWidth));
  const shown = `${'='.repeat(done)}${done < barWidth ? '>' : ''}`.padEnd(barWidth);
  return `[${shown}]  ${humanSize(current)}/${humanSize(total)}`;
}

/** One line per id, rewritten in place. */
class Screen {
  private readonly to: NodeJS.WriteStream;
  private readonly ids: string[] = [];

  constructor(to: NodeJS.WriteStream) {
    this.to = to;
  }

  async show(line: ProgressLine): Promise<void> {
    if (line.stream !== undefined) return write(this.to, line.stream);
    const detail = line.progressDetail?.current === undefined ? '' : ` ${bar(line.progressDetail)}`;
    const text = `${line.id === undefined ? '' : `${line.id}: `}${line.status ?? ''}${detail}`;
    if (line.id === undefined) return write(this.to, `${text}\n`);
    let at = this.ids.indexOf(line.id);
    if (at < 0) {
      at = this.ids.push(line.id) - 1;
      await write(this.to, '\n');
    }
    const up = this.ids.length - at;
    // Up to the line, clear it, write, and back down.
    await write(this.to, `\x1b[${up}A\x1b[2K\r${text}\x1b[${up}B\r`);
  }
}
