/**
 * Failures in requests, one for each: a request that is refused because something fails in it is made again, while
 * the next failure waits in it. So a pass through a scene has many failures, each in its own request. What its request
 * does not meet goes on waiting, as some of the work is done after the answer.
 */
import type { FaultyEngine } from './faulty-engine.ts';
import type { Armed, Told } from './point.ts';
import { everything, exec, Play, type Scene, type Step, scenes, startExec, tidy } from './scenario.ts';
import { isRefused, isUnreasoned, type Trial, words } from './trial.ts';

/** What is to fail in each step. */
export type Pending = Map<Step, Armed[]>;

export interface Passed {
  readonly scene: Scene;
  readonly fired: readonly Armed[];
  /** Were to fail in their step or later, and were not met. */
  readonly unmet: readonly Armed[];
  readonly found: readonly string[];
}

/** A step is refused so often in one pass. */
const mostRefusals = 12;

export class Stepwise {
  readonly #engine: FaultyEngine;
  readonly #trial: Trial;
  readonly #pending: Pending;

  constructor(engine: FaultyEngine, options: { readonly trial: Trial; readonly pending: Pending }) {
    this.#engine = engine;
    this.#trial = options.trial;
    this.#pending = options.pending;
  }

  isDone(): boolean {
    return [...this.#pending.values()].every((list) => list.length === 0);
  }

  /** The shortest scene that has every step in which something is still to fail. */
  #scene(): Scene {
    const steps = [...this.#pending].filter(([, list]) => list.length > 0).map(([step]) => step);
    return scenes.find((scene) => steps.every((step) => scene.steps.includes(step))) ?? everything;
  }

  async pass(): Promise<Passed> {
    const scene = this.#scene();
    const play = new Play(this.#engine);
    const fired: Armed[] = [];
    const found: string[] = [];
    let armed: readonly Armed[] = [];
    for (const step of scene.steps)
      for (let refusals = 0; ; refusals++) {
        const next = refusals < mostRefusals ? this.#pending.get(step)?.shift() : undefined;
        armed = next ? [...armed, next] : armed;
        await this.#engine.arm(armed);
        const said = await play.step(step);
        const { fired: which, unhandled } = await this.#told(armed);
        fired.push(...armed.filter((_, index) => which.includes(index)));
        armed = armed.filter((_, index) => !which.includes(index));
        const hasFired = which.length > 0;
        found.push(...unhandled.map((error) => `nobody handled: ${error}`));
        // a removal or a stop that was refused at its end has happened
        const hasHappened =
          refusals > 0 && (said.status === 304 || (step[0] === 'DELETE' && said.status === 404));
        if (isUnreasoned(said) || (isRefused(said) && !hasFired && !hasHappened)) found.push(words(said));
        if (!this.#engine.isRunning) return { scene, fired, unmet: [], found };
        if (!isRefused(said) || !hasFired) break;
        if (step === startExec) await play.step(exec);
      }
    const { fired: late } = await this.#engine.arm();
    fired.push(...armed.filter((_, index) => late.includes(index)));
    armed = armed.filter((_, index) => !late.includes(index));
    found.push(...(await tidy(this.#engine)).map((one) => `not removable: ${words(one)}`));
    found.push(...(await this.#trial.judge()));
    return { scene, fired, unmet: armed, found };
  }

  async #told(armed: readonly Armed[]): Promise<Pick<Told, 'fired' | 'unhandled'>> {
    return this.#engine.isRunning
      ? await this.#engine.told()
      : { fired: [...armed.keys()], unhandled: ['the engine has ended'] };
  }
}
