/** Runs of scopes: one at a time per scope, timed, traced, and retried after failures. */
import { messageOf } from '../errors.ts';
import type { View } from '../model/tables.ts';
import type { Logger } from '../observe/logger.ts';
import { note, type Tracer } from '../observe/trace.ts';
import type { Retries } from './retries.ts';
import { ScopeQueue } from './scope-queue.ts';

/** The last run of a scope. */
export interface ScopeStatus {
  /** `network:ID`, `sandbox:ID`, `firewall`, `sweep`. */
  readonly scope: string;
  /** '' for success. */
  readonly error: string;
  readonly actions: number;
  readonly milliseconds: number;
}

export interface RunsContext {
  readonly view: Pick<View, 'get'>;
  readonly logger: Logger;
  readonly retries: Retries;
  readonly trace?: (line: string) => void;
  readonly tracer?: Pick<Tracer, 'run'>;
}

/**
 * What a run must include. `whole`: also the inside of a sandbox, which healing leaves alone. `sandboxes`: a network's
 * sandboxes follow if it changed. `fanouts`: they also follow if it had lost a fanout. `alone`: they do not follow if it
 * had lost its link.
 */
export type Need = 'whole' | 'sandboxes' | 'fanouts' | 'alone';

export interface Run {
  /** `needs` is the union of all requests for this run. */
  converge(needs: ReadonlySet<Need>): Promise<number>;
  /** Whether the scope still exists after the run; true by default. */
  stays?(): boolean;
  /** Requests this run again after a failure. */
  again(needs: ReadonlySet<Need>): Promise<unknown>;
}

export class Runs {
  readonly #queue = new ScopeQueue<number, Need>();
  readonly #status = new Map<string, ScopeStatus>();
  readonly #context: RunsContext;

  constructor(context: RunsContext) {
    this.#context = context;
  }

  tracer(scope: string): (line: string) => void {
    const { logger, trace } = this.#context;
    return (line) => {
      logger.debug(`scope=${scope} ${line}`);
      trace?.(`scope=${scope} ${line}`);
      note(line);
    };
  }

  /** Resolves with the number of actions. */
  run(scope: string, run: Run, needs: readonly Need[] = []): Promise<number> {
    return this.#queue.request(scope, (all) => this.#begin(scope, run, all), needs);
  }

  busy(scope: string): boolean {
    return this.#queue.busy(scope);
  }

  status(): readonly ScopeStatus[] {
    return [...this.#status.values()];
  }

  idle(): Promise<void> {
    return this.#queue.idle();
  }

  async #begin(scope: string, run: Run, needs: ReadonlySet<Need>): Promise<number> {
    const { view, retries } = this.#context;
    const start = performance.now();
    const keep = (actions: number, error: string): void => {
      if (!error && run.stays?.() === false) this.#status.delete(scope);
      else this.#status.set(scope, { scope, error, actions, milliseconds: performance.now() - start });
    };
    try {
      const actions = await this.#traced(scope, () => run.converge(needs));
      keep(actions, '');
      retries.succeeded(scope);
      return actions;
    } catch (error) {
      keep(0, messageOf(error));
      retries.failed({ key: scope, name: nameOfScope(scope, view) }, error, () => run.again(needs));
      throw error;
    }
  }

  #traced<T>(scope: string, converge: () => Promise<T>): Promise<T> {
    const { tracer } = this.#context;
    return tracer ? tracer.run({ kind: 'converge', name: scope }, converge) : converge();
  }
}

/** The scope for messages, with names of networks and containers. */
export function nameOfScope(scope: string, view: Pick<View, 'get'>): string {
  const [kind, id = ''] = scope.split(':', 2);
  if (kind === 'network') return `network ${view.get('networks', id)?.name ?? id.slice(0, 12)}`;
  if (kind !== 'sandbox') return scope;
  const sandbox = view.get('sandboxes', id);
  const container = view.get('containers', sandbox?.containerId ?? '')?.name ?? sandbox?.parked?.name;
  if (container) return `container ${container}`;
  return sandbox?.path ? `namespace ${sandbox.path}` : `sandbox ${id.slice(0, 12)}`;
}
