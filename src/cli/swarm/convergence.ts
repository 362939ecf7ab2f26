/** Waits until a service is as its spec says, and shows how far it is. */
import { type Client, filtersQuery } from '#client/client.ts';
import type { Context } from '../context.ts';
import { CliError } from '../failure.ts';
import { type Progress, progressOf } from './progress.ts';
import { newScreen, type Screen, silent } from './screen.ts';
import type { Node, Service, Task } from './types.ts';
import { waitUntil } from './waiting.ts';

/** Nanoseconds that tasks must have run: swarmkit's default. */
const usualMonitor = 5e9;

/** Throws `CliError` when the update or rollback pauses. An interrupt ends the waiting, not the update. */
export async function waitOnService(
  context: Context,
  id: string,
  { quiet }: { readonly quiet: boolean },
): Promise<void> {
  const screen = quiet ? silent : newScreen(context.stdout);
  const wait = new Convergence(await context.engine(), screen, id);
  if ((await waitUntil(() => wait.step())) || wait.hasConverged) return;
  await screen.say('Operation continuing in background.');
  await screen.say(`Use \`${context.program} service ps ${id}\` to check progress.`);
}

/** One service on its way to its spec, looked at again and again. */
export class Convergence {
  private readonly engine: Pick<Client, 'get'>;
  private readonly screen: Screen;
  private readonly id: string;
  private progress: Progress | undefined;
  private converged = false;
  private convergedAt: number | undefined;
  private rollback = false;
  private monitor = usualMonitor;
  private ending: string | undefined;

  constructor(engine: Pick<Client, 'get'>, screen: Screen, id: string) {
    this.engine = engine;
    this.screen = screen;
    this.id = id;
  }

  /** Whether all tasks ran at the last look. */
  get hasConverged(): boolean {
    return this.converged;
  }

  /** Looks once. True when there is nothing left to wait for. */
  async step(): Promise<boolean> {
    const service = await this.engine.get<Service>(`/services/${encodeURIComponent(this.id)}`, {
      insertDefaults: 'false',
    });
    this.monitor = service.Spec.UpdateConfig?.Monitor || this.monitor;
    this.progress ??= progressOf(service, this.screen);
    if (await this.isUpdated(service)) return true;
    if (this.converged && this.sinceConverged() * 1e6 >= this.monitor) {
      await this.screen.show({ id: 'verify', text: `Service ${this.id} converged` });
      if (this.ending !== undefined) await this.screen.say(`rollback: ${this.ending}`);
      return true;
    }
    const filters = filtersQuery({ service: [service.ID], '_up-to-date': ['true'] });
    const tasks = await this.engine.get<Task[] | null>('/tasks', { filters });
    const nodes = await this.engine.get<Node[] | null>('/nodes');
    const active = new Set((nodes ?? []).filter(({ Status }) => Status.State !== 'down').map(({ ID }) => ID));
    this.converged = await this.progress.update({ tasks: tasks ?? [], active, rollback: this.rollback });
    if (this.converged && service.JobStatus !== undefined) {
      await this.screen.say('job complete');
      return true;
    }
    await this.verify();
    return false;
  }

  private sinceConverged(): number {
    return this.convergedAt === undefined ? 0 : performance.now() - this.convergedAt;
  }

  /** Reads the state of an update. True for one that was over before the first look. */
  private async isUpdated({ UpdateStatus: status }: Service): Promise<boolean> {
    const message = status?.Message ?? '';
    switch (status?.State) {
      case 'updating':
        this.rollback = false;
        return false;
      case 'completed':
        return !this.converged;
      case 'paused':
        throw new CliError(`service update paused: ${message}`);
      case 'rollback_started':
        if (!this.rollback && message !== '') await this.screen.show({ id: 'rollback', text: message });
        this.rollback = true;
        return false;
      case 'rollback_paused':
        throw new CliError(`service rollback paused: ${message}`);
      case 'rollback_completed':
        if (!this.converged) this.ending = message;
        this.rollback = true;
        return false;
      default:
        return false;
    }
  }

  private async verify(): Promise<void> {
    if (!this.converged) {
      if (this.convergedAt !== undefined)
        await this.screen.show({ id: 'verify', text: 'Detected task failure' });
      this.convergedAt = undefined;
      return;
    }
    this.convergedAt ??= performance.now();
    const left = this.monitor / 1e9 - this.sinceConverged() / 1000;
    if (left < 0) return;
    const text = `Waiting ${Math.trunc(left) + 1} seconds to verify that tasks are stable...`;
    await this.screen.show({ id: 'verify', text });
  }
}
