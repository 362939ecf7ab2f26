/** Lines of progress with a name each: rewritten in place on a terminal, printed when they change elsewhere. */
import { write } from '../connect.ts';

export interface Line {
  readonly id: string;
  readonly text: string;
  /** How far, for a bar. */
  readonly done?: number;
  readonly of?: number;
}

const widthForBars = 110;
const barWidth = 50;

/** `[=====>     ] ` */
export function bar(done: number, of: number): string {
  const full = Math.min(barWidth, Math.trunc(Math.trunc((done / of) * 100) / 2));
  return `[${'='.repeat(full)}>${' '.repeat(barWidth - full)}] `;
}

export interface Screen {
  show(line: Line): Promise<void>;
  /** A line that ends the list. */
  say(text: string): Promise<void>;
}

export const silent: Screen = { show: async () => {}, say: async () => {} };

export const newScreen = (to: NodeJS.WriteStream): Screen => (to.isTTY ? new Terminal(to) : new Plain(to));

class Terminal implements Screen {
  private readonly to: NodeJS.WriteStream;
  private readonly ids: string[] = [];

  constructor(to: NodeJS.WriteStream) {
    this.to = to;
  }

  async show({ id, text, done = 0, of = 0 }: Line): Promise<void> {
    let at = this.ids.indexOf(id);
    if (at < 0) {
      at = this.ids.push(id) - 1;
      await write(this.to, '\n');
    }
    const up = this.ids.length - at;
    const shownBar = of > 0 && this.to.columns > widthForBars ? bar(done, of) : '';
    await write(this.to, `\x1b[${up}A\x1b[2K\r${id}: ${text} ${shownBar}\r\x1b[${up}B`);
  }

  async say(text: string): Promise<void> {
    this.ids.length = 0;
    await write(this.to, `${text}\n`);
  }
}

class Plain implements Screen {
  private readonly to: NodeJS.WriteStream;
  private readonly last = new Map<string, string>();

  constructor(to: NodeJS.WriteStream) {
    this.to = to;
  }

  /** Bars are for terminals. A line that says nothing new is not printed again. */
  async show({ id, text, of = 0 }: Line): Promise<void> {
    if (of > 0 || this.last.get(id) === text) return;
    this.last.set(id, text);
    await write(this.to, `${id}: ${text}\n`);
  }

  async say(text: string): Promise<void> {
    await write(this.to, `${text}\n`);
  }
}
