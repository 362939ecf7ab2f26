/** The engine under trial: what it was before anything failed, and what is to be found afterwards. */
import { appendFileSync } from 'node:fs';
import { soon } from '../commands.ts';
import { difference, snapshot } from '../snapshot.ts';
import { report, titleOf } from './choice.ts';
import type { FaultyEngine } from './faulty-engine.ts';
import type { Armed } from './point.ts';
import { everything, Play, recordsOf, type Said, type Scene, tidy } from './scenario.ts';

/** Milliseconds until what goes away by itself is gone. */
const patienceForLeftovers = 60_000;
/** Milliseconds for a page, which is asked for again on a machine that does much else. */
const patienceForPage = 30_000;

export function note(line: string): void {
  if (report !== undefined) appendFileSync(report, `${line}\n`);
}

/** What was found, under what has failed. */
export const told = (armed: readonly Armed[], found: readonly string[]): string =>
  [armed.map(titleOf).join('\nor '), ...found.map((line) => `  ${line}`)].join('\n');

export const words = ({ asked, status, message }: Said): string => `${asked}: ${status} ${message}`;

export const isRefused = ({ status }: Said): boolean => status < 200 || status >= 300;

/** A reason was given: never nothing, never a bug. */
export const isUnreasoned = ({ status, message }: Said): boolean =>
  status === 0 || (status >= 400 && (message === '' || message.startsWith('a bug in seaway')));

export class Trial {
  readonly #engine: FaultyEngine;
  #steady: readonly string[] = [];
  #web = 0;

  constructor(engine: FaultyEngine) {
    this.#engine = engine;
  }

  /** A container of somebody else, who must not notice anything. */
  async begin(): Promise<void> {
    const engine = this.#engine;
    const server = ['busybox', 'httpd', '-f', '-p', '80', '-h', '/etc'];
    // with IPv6, whose rules stay once there were some
    await engine.seaway('network', 'create', '--ipv6', 'steady');
    await engine.seaway('run', '-d', '--name', 'web', '--network', 'steady', '-p', '8080:80', ...server);
    await engine.restart();
    await this.#note();
  }

  async #note(): Promise<void> {
    this.#web = await this.#webPid();
    this.#steady = await this.#allThere();
  }

  async #webPid(): Promise<number> {
    const { json } = await this.#engine.api('GET', '/containers/web/json');
    return (json as { readonly State?: { readonly Pid: number } } | undefined)?.State?.Pid ?? 0;
  }

  async #allThere(): Promise<readonly string[]> {
    return [...snapshot(this.#engine), ...(await recordsOf(this.#engine))];
  }

  /** What the engine has made of it, seen from outside. Empty: all is as it was. */
  async judge(): Promise<readonly string[]> {
    const found: string[] = [];
    let now: readonly string[] = [];
    await soon(async () => {
      now = difference(this.#steady, await this.#allThere());
      return now.length === 0;
    }, patienceForLeftovers);
    found.push(...now.map((line) => `left: ${line}`));
    let page = '';
    const isThere = await soon(async () => {
      page = await this.#engine.page('outside', 'http://198.51.100.2:8080/hostname');
      return /^[0-9a-f]{12}$/.test(page);
    }, patienceForPage);
    if (!isThere) found.push(`the published port of another container: ${page}`);
    if ((await this.#webPid()) !== this.#web) found.push('another container has ended');
    return found;
  }

  /** Started again without failures, and everything is made once more, with the same names, ports and addresses. */
  async goesOn(): Promise<readonly string[]> {
    const engine = this.#engine;
    try {
      engine.armStart();
      if (engine.isRunning) await engine.stop();
      await engine.start();
      const refused = (await new Play(engine).all(everything)).filter(isRefused);
      const left = await tidy(engine);
      return [
        ...refused.map((one) => `not made again: ${words(one)}`),
        ...left.map((one) => `not removable: ${words(one)}`),
        ...(await this.judge()),
      ];
    } catch (error) {
      return [`a fresh engine: ${error instanceof Error ? error.message : error}`];
    }
  }

  /** After a fault that left something: what follows is judged by itself. */
  async mend(): Promise<void> {
    const engine = this.#engine;
    engine.armStart();
    if (engine.isRunning) await engine.kill();
    await engine.start();
    await tidy(engine);
    await engine.trySeaway(['start', 'web']);
    await this.#note();
  }

  /** These wait through a whole scene; which of them were met, and what is found then. */
  async throughout(
    armed: readonly Armed[],
    scene: Scene,
  ): Promise<{ readonly fired: readonly Armed[]; readonly found: readonly string[] }> {
    const engine = this.#engine;
    await engine.arm(armed);
    const said = await new Play(engine).all(scene);
    const { fired, unhandled } = engine.isRunning
      ? await engine.arm()
      : { fired: [...armed.keys()], unhandled: ['the engine has ended'] };
    const removing = await tidy(engine);
    const found = [
      ...said.filter(isUnreasoned).map(words),
      ...unhandled.map((error) => `nobody handled: ${error}`),
      ...removing.map((one) => `not removable: ${words(one)}`),
      ...(await this.judge()),
    ];
    return { fired: armed.filter((_, index) => fired.includes(index)), found };
  }

  /** A start while these fail, each once: it is tried again, and not refused. */
  async start(armed: readonly Armed[]): Promise<{ fired: readonly Armed[]; found: readonly string[] }> {
    const engine = this.#engine;
    engine.armStart(armed);
    await engine.stop();
    try {
      await engine.start();
      const { fired, unhandled } = await engine.told();
      const found = [...unhandled.map((error) => `nobody handled: ${error}`), ...(await this.judge())];
      return { fired: armed.filter((_, index) => fired.includes(index)), found };
    } catch {
      return { fired: armed, found: [`it did not start: ${engine.log(2).trim()}`] };
    } finally {
      engine.armStart();
    }
  }
}
