/** Requests of all askers by phase, and of each that failed where its flow led to. */
import { fileURLToPath } from 'node:url';
import type { Rig, Started } from '../../kernel/rig.ts';
import { run } from '../commands.ts';

const asker = fileURLToPath(new URL('asker.ts', import.meta.url));
/** Requests per second of one asker. */
const rate = Number(process.env.SEAWAY_SWARM_LOAD_RATE ?? 20);

export interface Failure {
  /** Milliseconds since its phase began, at the time of asking. */
  readonly after: number;
  readonly asker: string;
  readonly place: string;
  readonly error: string;
  readonly took: number;
  /** Its flow where it begins, and others of the same port. */
  readonly flows: string[];
  readonly others: string[];
}

interface Line {
  readonly at: number;
  readonly place: string;
  readonly localPort: number;
  readonly took: number;
  readonly task?: string;
  readonly error?: string;
}

interface Phase {
  readonly name: string;
  readonly begun: number;
  asked: number;
  /** Answered, but late. */
  slow: number;
  readonly failures: Failure[];
  readonly notes: string[];
  /** Whether a failure needs no cause: its flow is not looked up. */
  isExpected(failure: Failure): boolean;
}

type Space = readonly [name: string, path: string];
/** Failures of a kind whose flows are looked up on all hosts. */
const shown = 3;

export class Asked {
  readonly #rig: Rig;
  /** Where flows are looked up: names, and paths of namespaces. */
  readonly #spaces: () => readonly Space[];
  #looking: Promise<unknown> = Promise.resolve();
  readonly phases: Phase[] = [];
  readonly #askers = new Map<string, Started>();

  constructor(rig: Rig, spaces: () => readonly Space[]) {
    this.#rig = rig;
    this.#spaces = spaces;
  }

  async begin(name: string, path: string, places: readonly string[]): Promise<void> {
    const command = [process.execPath, asker, `${rate}`, ...places];
    const started = this.#rig.start(path, ...command);
    started.onLine((line) => this.#take(name, line));
    this.#askers.set(name, started);
    await started.firstLine;
  }

  end(name: string): void {
    this.#askers.get(name)?.stop();
    this.#askers.delete(name);
  }

  endAll(): void {
    for (const name of this.#askers.keys()) this.end(name);
  }

  phase(name: string, isExpected: Phase['isExpected'] = () => false): void {
    this.phases.push({ name, begun: Date.now(), asked: 0, slow: 0, failures: [], notes: [], isExpected });
  }

  /** What has happened in the phase, with its time. */
  note(what: string): void {
    const phase = this.phases.at(-1);
    phase?.notes.push(`${what} after ${Date.now() - phase.begun} ms`);
  }

  /** A line per phase, and one per kind of failure in it, with flows of some. */
  report(): string {
    return this.phases
      .map(({ name, asked, failures, notes, slow }) => {
        const kinds = Map.groupBy(failures, (one) => `${one.asker} > ${one.place}: ${one.error}`);
        const lines = [...kinds].map(([kind, all]) => {
          const times = all.map(({ after }) => after);
          const some = all
            .slice(0, 3)
            .flatMap(({ after, flows, others }) => [
              `        at ${after} ms: ${flows.join('; ') || 'no flow'}\n`,
              ...others.map((flow) => `            elsewhere: ${flow}\n`),
            ]);
          return `    ${all.length} x ${kind}, ${Math.min(...times)} to ${Math.max(...times)} ms\n${some.join('')}`;
        });
        const said = notes.map((note) => `    ${note}\n`).join('');
        return `${name}: ${failures.length} of ${asked} failed, ${slow} took a second or more\n${said}${lines.join('')}`;
      })
      .join('');
  }

  #take(name: string, text: string): void {
    if (!text.startsWith('{')) return;
    const line = JSON.parse(text) as Line;
    const phase = this.phases.findLast(({ begun }) => begun <= line.at);
    if (!phase) return;
    phase.asked += 1;
    const { at, place, took, error } = line;
    if (error === undefined) {
      if (took >= 1000) phase.slow += 1;
      return;
    }
    const failure = { after: at - phase.begun, asker: name, place, error, took, flows: [], others: [] };
    phase.failures.push(failure);
    if (phase.isExpected(failure)) return;
    const isShown = phase.failures.filter((one) => one.error === error && one.asker === name).length <= shown;
    const spaces = this.#spaces().filter(([each]) => isShown || each.endsWith(name.at(-1) ?? ''));
    this.#looking = Promise.all([this.#looking, this.#look(line, { failure, spaces })]);
  }

  /** All flows have been looked up. */
  async settled(): Promise<void> {
    await this.#looking;
  }

  async #look(
    { localPort, place }: Line,
    { failure, spaces }: { readonly failure: Failure; readonly spaces: readonly Space[] },
  ): Promise<void> {
    const own = ownFlow(failure.asker, place);
    await Promise.all(
      spaces.map(async ([name, path]) => {
        const look = ['grep', '-h', `sport=${localPort} `, '/proc/net/nf_conntrack'];
        const { stdout } = await run(['nsenter', `--net=${path}`, ...look]);
        const flows = stdout
          .split('\n')
          .filter((flow) => flow.includes('dport=8080') || flow.includes('dport=80 '))
          .map((flow) => `${name}: ${/(\S+) src=.*(?= use)/.exec(flow)?.[0] ?? flow}`);
        failure.flows.push(...flows.filter((flow) => own.test(flow)));
        failure.others.push(...flows.filter((flow) => !own.test(flow) && !flow.startsWith('client')));
      }),
    );
  }
}

/** The flow of a request where it begins: on the host that was asked, or in the client. */
function ownFlow(asker: string, place: string): RegExp {
  const at = asker.at(-1);
  if (asker.startsWith('VIP')) return new RegExp(`^client on node${at}:`);
  return new RegExp(`^node${at}: .*?dst=${(place.split(':')[0] ?? '').replaceAll('.', '\\.')} `);
}
