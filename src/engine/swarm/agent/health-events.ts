/** What the events of one container say of its health. */
import type { Events } from '../../../observe/events.ts';

export type Outcome = 'healthy' | 'unhealthy' | 'ended';

export class HealthEvents {
  readonly #first = Promise.withResolvers<Outcome>();
  readonly #listeners: (() => void)[] = [];
  readonly #forget: () => void;

  constructor(events: Pick<Events, 'listen'>, containerId: string) {
    this.#forget = events.listen(({ type, id, action }) => {
      if (type !== 'container' || id !== containerId) return;
      if (action === 'health_status: healthy') this.#first.resolve('healthy');
      else if (action === 'die' || action === 'destroy') this.#first.resolve('ended');
      else if (action === 'health_status: unhealthy') {
        this.#first.resolve('unhealthy');
        for (const listener of this.#listeners) listener();
      }
    });
  }

  /** The first of what it becomes. */
  get first(): Promise<Outcome> {
    return this.#first.promise;
  }

  onUnhealthy(listener: () => void): void {
    this.#listeners.push(listener);
  }

  close(): void {
    this.#forget();
    this.#first.resolve('ended');
  }
}
