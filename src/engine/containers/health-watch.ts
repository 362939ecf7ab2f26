/** Runs the health checks of containers repeatedly. */
import { type Alarm, setAlarm } from '../../alarm.ts';
import type { Container, Health, HealthConfig } from '../../model/container.ts';
import { withState } from '../../model/containers.ts';
import {
  checkCommand,
  type HealthResult,
  inStartPeriod,
  nextHealth,
  untilNextCheck,
} from '../../model/health.ts';
import type { Change, View } from '../../model/tables.ts';
import type { Events } from '../../observe/events.ts';
import type { Logger } from '../../observe/logger.ts';
import type { Records } from '../records.ts';
import { emitContainer } from './container-events.ts';

interface Needs {
  readonly model: Pick<View, 'get'>;
  readonly records: Pick<Records, 'keep'>;
  readonly events: Pick<Events, 'emit'>;
  readonly logger: Pick<Logger, 'warn'>;
  /** Runs one check of a running container. */
  readonly probe: (container: Container, check: HealthConfig) => Promise<HealthResult>;
}

interface Watch {
  alarm: Alarm | undefined;
  ended: boolean;
}

export class HealthWatch {
  readonly #needs: Needs;
  /** By container id. */
  readonly #watches = new Map<string, Watch>();

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** Starts checking a container, without resetting its health. Does nothing for a container without a check. */
  begin(container: Container): void {
    this.end(container.id);
    if (!checkCommand(container)) return;
    const watch: Watch = { alarm: undefined, ended: false };
    this.#watches.set(container.id, watch);
    this.#plan(container.id, watch);
  }

  end(id: string): void {
    const watch = this.#watches.get(id);
    if (!watch) return;
    watch.ended = true;
    watch.alarm?.cancel();
    this.#watches.delete(id);
  }

  close(): void {
    for (const id of [...this.#watches.keys()]) this.end(id);
  }

  #plan(id: string, watch: Watch): void {
    const { model, probe, logger } = this.#needs;
    const container = model.get('containers', id);
    const check = container?.config.Healthcheck;
    if (!container || !check || watch.ended) return;
    watch.alarm = setAlarm(
      () => {
        void probe(container, check)
          .then((result) => (watch.ended ? undefined : this.#judge(id, result)))
          .catch((error) => logger.warn('a health check failed to run', { container: id, error }))
          .then(() => this.#plan(id, watch));
      },
      untilNextCheck(container, check, Date.now()),
    );
  }

  async #judge(id: string, result: HealthResult): Promise<void> {
    const { decided } = await this.#needs.records.keep((view) => judged(view, id, result));
    const { container, health } = decided;
    if (container && health && health.status !== container.state.health?.status)
      emitContainer(this.#needs, `health_status: ${health.status}`, container);
  }
}

interface Judged {
  readonly changes: readonly Change[];
  /** The container before. */
  readonly container?: Container;
  readonly health?: Health;
}

function judged(view: View, id: string, result: HealthResult): Judged {
  const container = view.get('containers', id);
  const check = container?.config.Healthcheck;
  if (!container?.state.health || !check || container.state.status !== 'running') return { changes: [] };
  const rules = { retries: check.Retries, lenient: inStartPeriod(container, check, Date.now()) };
  const health = nextHealth(container.state.health, result, rules);
  return { container, health, changes: [{ table: 'containers', put: withState(container, { health }) }] };
}
