/**
 * Failures in requests, one at a time: a request that is refused because something fails in it is made again, while
 * the next failure waits in it. So a pass through a scene has many failures, each in its own request.
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
  /** Were to fail in their step, and were not met. */
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
    let armed: Armed | undefined;
    for (const step of scene.steps)
      for (let refusals = 0; ; refusals++) {
        if (!armed && refusals < mostRefusals) {
          armed = this.#pending.get(step)?.shift();
          await this.#engine.arm(armed ? [armed] : []);
        }
        const said = await play.step(step);
        const { fired: which, unhandled } = await this.#told();
        const hasFired = armed !== undefined && which.length > 0;
        if (armed && hasFired) fired.push(armed);
        if (hasFired) armed = undefined;
        found.push(...unhandled.map((error) => `nobody handled: ${error}`));
        // a removal or a stop that was refused at its end has happened
        const hasHappened =
          refusals > 0 && (said.status === 304 || (step[0] === 'DELETE' && said.status === 404));
        if (isUnreasoned(said) || (isRefused(said) && !hasFired && !hasHappened)) found.push(words(said));
        if (!this.#engine.isRunning) return { scene, fired, unmet: [], found };
        if (!isRefused(said) || !hasFired) break;
        if (step === startExec) await play.step(exec);
      }
    await this.#engine.arm();
    found.push(...(await tidy(this.#engine)).map((one) => `not removable: ${words(one)}`));
    found.push(...(await this.#trial.judge()));
    return { scene, fired, unmet: armed ? [armed] : [], found };
  }

  async #told(): Promise<Pick<Told, 'fired' | 'unhandled'>> {
    return this.#engine.isRunning
      ? await this.#engine.told()
      : { fired: [0], unhandled: ['the engine has ended'] };
  }
}
