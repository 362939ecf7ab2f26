/** Runs of scopes: one at a time per scope, timed, traced, and tried again where they fail. */
import { messageOf } from '../errors.ts';
import type { View } from '../model/tables.ts';
import type { Logger } from '../observe/logger.ts';
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
}

/**
 * How much of a scope is wanted. `whole`: of a sandbox also what is inside, which healing leaves alone. `sandboxes`: those
 * of a network follow where it has changed. `fanouts`: they follow as well where it had lost one.
 */
export type Need = 'whole' | 'sandboxes' | 'fanouts';

export interface Run {
  /** `needs`: those of all who have asked for this run. */
  converge(needs: ReadonlySet<Need>): Promise<number>;
  /** After a run: whether the scope still exists. By default it does. */
  stays?(): boolean;
  /** Asks for this run again after a failure. */
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
    const note = (actions: number, error: string): void => {
      if (!error && run.stays?.() === false) this.#status.delete(scope);
      else this.#status.set(scope, { scope, error, actions, milliseconds: performance.now() - start });
    };
    try {
      const actions = await run.converge(needs);
      note(actions, '');
      retries.succeeded(scope);
      return actions;
    } catch (error) {
      note(0, messageOf(error));
      retries.failed({ key: scope, name: nameOfScope(scope, view) }, error, () => run.again(needs));
      throw error;
    }
  }
}

/** For people: networks and containers by their names. */
export function nameOfScope(scope: string, view: Pick<View, 'get'>): string {
  const [kind, id = ''] = scope.split(':', 2);
  if (kind === 'network') return `network ${view.get('networks', id)?.name ?? id.slice(0, 12)}`;
  if (kind !== 'sandbox') return scope;
  const sandbox = view.get('sandboxes', id);
  const container = view.get('containers', sandbox?.containerId ?? '')?.name ?? sandbox?.parked?.name;
  if (container) return `container ${container}`;
  return sandbox?.path ? `namespace ${sandbox.path}` : `sandbox ${id.slice(0, 12)}`;
}
