/** Health checks: the command that the image or the user gave, run in the container again and again. */
import type { Container, Health } from '../../model/container.ts';
import { withState } from '../../model/containers.ts';
import {
  checkCommand,
  type HealthResult,
  inStartPeriod,
  nextHealth,
  untilNextCheck,
} from '../../model/health.ts';
import type { Change, View } from '../../model/tables.ts';
import type { Core } from '../core.ts';
import { probe } from './health-probe.ts';
import { tellContainer } from './tell.ts';

interface Watch {
  timer: NodeJS.Timeout | undefined;
  ended: boolean;
}

const watches = new WeakMap<Core, Map<string, Watch>>();

function watchesOf(core: Core): Map<string, Watch> {
  const known = watches.get(core) ?? new Map<string, Watch>();
  watches.set(core, known);
  return known;
}

/** Check it from now on; its health so far stands. A container without a check is left alone. */
export function watchHealth(core: Core, container: Container): void {
  unwatchHealth(core, container.id);
  if (!checkCommand(container)) return;
  const watch: Watch = { timer: undefined, ended: false };
  watchesOf(core).set(container.id, watch);
  plan(core, container.id, watch);
}

export function unwatchHealth(core: Core, id: string): void {
  const watch = watchesOf(core).get(id);
  if (!watch) return;
  watch.ended = true;
  clearTimeout(watch.timer);
  watchesOf(core).delete(id);
}

export function unwatchAll(core: Core): void {
  for (const id of [...watchesOf(core).keys()]) unwatchHealth(core, id);
}

function plan(core: Core, id: string, watch: Watch): void {
  const container = core.model.get('containers', id);
  const check = container?.config.Healthcheck;
  if (!container || !check || watch.ended) return;
  watch.timer = setTimeout(
    () => {
      void probe(core, container, check)
        .then((result) => (watch.ended ? undefined : judge(core, id, result)))
        .catch((error) => core.logger.warn('a health check failed to run', { container: id, error }))
        .then(() => plan(core, id, watch));
    },
    untilNextCheck(container, check, Date.now()),
  );
}

async function judge(core: Core, id: string, result: HealthResult): Promise<void> {
  const { decided } = await core.records.keep((view) => judged(view, id, result));
  const { container, health } = decided;
  if (container && health && health.status !== container.state.health?.status)
    tellContainer(core, `health_status: ${health.status}`, container);
}

interface Judged {
  readonly changes: readonly Change[];
  /** As it was. */
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
