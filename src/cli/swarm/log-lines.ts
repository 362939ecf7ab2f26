/** Lines of a service's log, each behind the name of its task and node. */
import type { Client } from '#client/client.ts';
import { CliError } from '../failure.ts';
import { shortId } from '../words/text.ts';
import { Names } from './names.ts';
import type { Task } from './types.ts';

export interface LogLineOptions {
  readonly timestamps: boolean;
  readonly details: boolean;
  readonly noResolve: boolean;
  readonly noTaskIds: boolean;
  readonly noTrunc: boolean;
  readonly width: number;
}

const ids = ['node', 'service', 'task'] as const;
const label = (kind: string): string => `com.docker.swarm.${kind}.id`;

export class LogLines {
  private readonly engine: Client;
  private readonly options: LogLineOptions;
  private readonly names: Names;
  private readonly prefixes = new Map<string, Promise<string>>();
  /** What came of a line that is not whole yet, by its stream. */
  private readonly begun = new Map<number, Buffer>();

  constructor(engine: Client, options: LogLineOptions) {
    this.engine = engine;
    this.options = options;
    this.names = new Names(engine, options);
  }

  /** The whole lines that these bytes end, as they are shown. */
  async push(stream: number, bytes: Buffer): Promise<Buffer> {
    const all = Buffer.concat([this.begun.get(stream) ?? Buffer.alloc(0), bytes]);
    const end = all.lastIndexOf(10) + 1;
    this.begun.set(stream, all.subarray(end));
    const shown: Buffer[] = [];
    for (let at = 0; at < end; ) {
      const next = all.indexOf(10, at) + 1;
      shown.push(...(await this.shown(all.subarray(at, next))));
      at = next;
    }
    return Buffer.concat(shown);
  }

  /** `[time ]details message`; the message may be of any bytes. */
  private async shown(line: Buffer): Promise<Buffer[]> {
    const { timestamps, details: withDetails } = this.options;
    const start = timestamps ? line.indexOf(32) + 1 : 0;
    const end = line.indexOf(32, start);
    if (end < 0 || (timestamps && start === 0)) throw new CliError(`invalid context in log message: ${line}`);
    const details = detailsOf(line.subarray(start, end).toString());
    const [node = '', service = '', task = ''] = ids.map((kind) => {
      const id = details.get(label(kind));
      if (id === undefined) throw new CliError(`missing ${kind} id in context: ${line}`);
      details.delete(label(kind));
      return id;
    });
    const prefix = await this.prefix(node, service, { task });
    const more = [...details].map(([key, value]) => `${key}=${value}`).sort();
    return [
      line.subarray(0, start),
      Buffer.from(`${prefix}    | ${withDetails ? `${more.join(',')} ` : ''}`),
      line.subarray(end + 1),
    ];
  }

  private prefix(node: string, service: string, { task }: { readonly task: string }): Promise<string> {
    const known = this.prefixes.get(task);
    if (known !== undefined) return known;
    const made = this.makePrefix(node, service, { task });
    this.prefixes.set(task, made);
    return made;
  }

  private async makePrefix(
    node: string,
    service: string,
    { task }: { readonly task: string },
  ): Promise<string> {
    const { noTaskIds, noTrunc, width } = this.options;
    const [nodeName, serviceName] = [await this.names.node(node), await this.names.service(service)];
    const { ID, Slot = 0 } = await this.engine.get<Task>(`/tasks/${encodeURIComponent(task)}`);
    const id = noTaskIds ? '' : `.${noTrunc ? ID : shortId(ID)}`;
    const padding = ' '.repeat(Math.max(0, width - String(Slot).length));
    return `${serviceName}.${Slot}${id}@${nodeName}${padding}`;
  }
}

/** `a=b,c=d`, both sides encoded as in a query. */
function detailsOf(text: string): Map<string, string> {
  const decode = (part: string): string => decodeURIComponent(part.replaceAll('+', ' '));
  return new Map(
    text.split(',').map((pair): [string, string] => {
      const at = pair.indexOf('=');
      return at < 0 ? [decode(pair), ''] : [decode(pair.slice(0, at)), decode(pair.slice(at + 1))];
    }),
  );
}
