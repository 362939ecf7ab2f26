/**
 * What is counted as it happens: spans of the tracer, and events. All else is read when somebody asks
 * (`metrics.ts`). Names are dockerd's where it has them.
 */
import type { Events } from '../observe/events.ts';
import { Counter, type Family, Histogram } from '../observe/metrics.ts';
import type { Span, Tracer } from '../observe/trace.ts';

const actions = ['changes', 'commit', 'create', 'delete', 'start'];
const networkActions = ['allocate', 'connect', 'release'];
const present = (names: readonly string[]) => names.map((action) => ({ action }));

export class Instruments {
  readonly #containerActions = new Histogram(
    'engine_daemon_container_actions_seconds',
    'The number of seconds it takes to process each container action',
    present(actions),
  );
  readonly #networkActions = new Histogram(
    'engine_daemon_network_actions_seconds',
    'The number of seconds it takes to process each network action',
    present(networkActions),
  );
  readonly #events = new Counter('engine_daemon_events_total', 'The number of events logged', [{}]);
  readonly #checks = new Counter('engine_daemon_health_checks_total', 'The total number of health checks', [
    {},
  ]);
  readonly #failedChecks = new Counter(
    'engine_daemon_health_checks_failed_total',
    'The total number of failed health checks',
    [{}],
  );
  readonly #requests = new Histogram(
    'seaway_api_request_seconds',
    'The number of seconds until a request to the API is answered',
  );
  readonly #converges = new Histogram(
    'seaway_converge_seconds',
    'The number of seconds it takes to make the kernel agree with the records, by what is converged',
    present(['network', 'sandbox', 'firewall']).map(({ action }) => ({ scope: action })),
  );
  readonly #failures = new Counter(
    'seaway_converge_failures_total',
    'The number of times that the kernel could not be made to agree with the records',
  );
  readonly #heals = new Counter(
    'seaway_heals_total',
    'The number of times that something was put back which another program had changed',
  );
  readonly #ends: readonly (() => void)[];

  constructor({ tracer, events }: { readonly tracer: Tracer; readonly events: Events }) {
    this.#ends = [
      tracer.onSpan((span) => this.#note(span)),
      events.listen(({ action, type }) => {
        this.#events.add();
        if (action === 'heal') this.#heals.add({ type });
      }),
    ];
  }

  close(): void {
    for (const end of this.#ends) end();
  }

  /** A health check has ended. */
  checked(isHealthy: boolean): void {
    this.#checks.add();
    if (!isHealthy) this.#failedChecks.add();
  }

  families(): readonly Family[] {
    return [
      this.#containerActions,
      this.#networkActions,
      this.#events,
      this.#checks,
      this.#failedChecks,
      this.#requests,
      this.#converges,
      this.#failures,
      this.#heals,
    ].map((each) => each.family());
  }

  #note({ subject, milliseconds = 0, error }: Span): void {
    const seconds = milliseconds / 1000;
    if (subject.kind === 'request') this.#request(subject, seconds);
    else if (subject.kind === 'converge') this.#converge(subject.name, { seconds, error });
    // as dockerd, which counts what was done
    if (error !== '') return;
    const [what, action = ''] = subject.name.split(' ');
    if (subject.kind === 'verb' && what === 'container' && actions.includes(action))
      this.#containerActions.observe({ action }, seconds);
    if (subject.kind === 'network' && networkActions.includes(subject.name))
      this.#networkActions.observe({ action: subject.name }, seconds);
  }

  #request({ name, fields }: Span['subject'], seconds: number): void {
    const [method = '', route = ''] = name.split(' ');
    this.#requests.observe({ method, route, code: String(fields?.status ?? '') }, seconds);
  }

  #converge(scope: string, { seconds, error }: { readonly seconds: number; readonly error: string }): void {
    const [kind = ''] = scope.split(':');
    this.#converges.observe({ scope: kind }, seconds);
    if (error !== '') this.#failures.add({ scope: kind });
  }
}
