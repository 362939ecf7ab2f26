/** A plugin. The handshake is held at the first call, and again after the plugin was restarted. */
import { setTimeout as sleep } from 'node:timers/promises';
import Type, { type Static, type TSchema } from 'typebox';
import { Check } from 'typebox/value';
import { fail, hasCode, messageOf } from '../errors.ts';
import { decodeLikeGo } from '../go/decode.ts';
import type { PluginEndpoint } from './discovery.ts';
import { type Exchange, exchange } from './exchange.ts';

export type Implementation = 'NetworkDriver' | 'IpamDriver' | 'VolumeDriver';

export interface CallOptions {
  /** Milliseconds for the request; the engine's `plugin-timeout` if absent. */
  readonly timeout?: number;
  /** Aborted when the caller no longer wants the answer. */
  readonly signal?: AbortSignal;
}

export interface PluginClient {
  /** The full name of a plugin that the engine runs: `me/vol:latest`. */
  readonly name: string;
  /** Another object after each handshake; a key for what was learned from the plugin. */
  readonly activation: object;
  /** The path on the host for a path that the plugin has given. */
  hostPath(path: string): string;
  /**
   * Calls a method, such as `VolumeDriver.Create`. The answer is decoded as in Go and checked. Throws PLUGIN_AWAY if
   * nothing was sent, PLUGIN_REFUSED or PLUGIN_LACKS_METHOD if the plugin has answered with an error, and PLUGIN_BROKEN
   * or PLUGIN_SLOW if it is unknown what it has done.
   */
  call<S extends TSchema>(method: string, body: object, answer: S, options?: CallOptions): Promise<Static<S>>;
}

/** Milliseconds between attempts to connect: the plugin may just be starting. */
const waits = [50, 100, 200, 400];

const manifest = Type.Object({ Implements: Type.Optional(Type.Array(Type.String())) });
const errorBody = Type.Object({ Err: Type.Optional(Type.String()) });

export interface PluginOptions {
  readonly name: string;
  /** Its current address. Throws PLUGIN_NOT_FOUND. */
  readonly locate: () => Promise<PluginEndpoint>;
  /** Milliseconds. */
  readonly timeout: number;
  /** See `PluginClient`. */
  readonly hostPath: (path: string) => string;
}

interface Activation {
  readonly identity: string;
  readonly implementations: readonly string[];
}

export class Plugin implements PluginClient {
  readonly name: string;
  readonly #options: PluginOptions;
  #activation: Activation | undefined;
  /** The handshake under way. */
  #activating: { readonly identity: string; readonly done: Promise<Activation> } | undefined;

  constructor(options: PluginOptions) {
    this.name = options.name;
    this.#options = options;
  }

  hostPath(path: string): string {
    return this.#options.hostPath(path);
  }

  get activation(): object {
    return this.#activation ?? this;
  }

  /** As of the last handshake; empty before the first one. */
  get implementations(): readonly string[] {
    return this.#activation?.implementations ?? [];
  }

  /**
   * Finds the plugin and holds the handshake unless this process of it has had one. `patient`: retries while the plugin
   * cannot be reached, as it may just be starting.
   */
  async activate({ patient }: { readonly patient: boolean }): Promise<readonly string[]> {
    const task = (endpoint: PluginEndpoint) => this.#activated(endpoint);
    const { implementations } = patient
      ? await this.#connecting(task)
      : await task(await this.#options.locate());
    return implementations;
  }

  async call<S extends TSchema>(
    method: string,
    body: object,
    answer: S,
    { timeout = this.#options.timeout, signal }: CallOptions = {},
  ): Promise<Static<S>> {
    const task = async (endpoint: PluginEndpoint): Promise<Static<S>> => {
      await this.#activated(endpoint);
      return ask(endpoint, { method, body: `${JSON.stringify(body)}\n`, timeout, signal }, answer);
    };
    return this.#connecting(task, signal);
  }

  /** Retries `task` while the plugin cannot be reached: nothing was sent then. */
  async #connecting<T>(task: (endpoint: PluginEndpoint) => Promise<T>, signal?: AbortSignal): Promise<T> {
    for (const wait of waits) {
      try {
        return await task(await this.#options.locate());
      } catch (error) {
        if (!hasCode(error, 'PLUGIN_AWAY') || signal?.aborted) throw error;
        this.#activation = undefined;
        await sleep(wait, undefined, { signal }).catch(() => undefined);
      }
    }
    return task(await this.#options.locate());
  }

  /** Concurrent callers share one handshake. */
  async #activated(endpoint: PluginEndpoint): Promise<Activation> {
    const { identity, implementations } = endpoint;
    if (this.#activation?.identity === identity) return this.#activation;
    if (implementations) {
      this.#activation = { identity, implementations };
      return this.#activation;
    }
    if (this.#activating?.identity === identity) return this.#activating.done;
    const done = handshake(endpoint, this.#options.timeout);
    const activating = { identity, done };
    this.#activating = activating;
    try {
      this.#activation = await done;
      return this.#activation;
    } finally {
      if (this.#activating === activating) this.#activating = undefined;
    }
  }
}

async function handshake(endpoint: PluginEndpoint, timeout: number): Promise<Activation> {
  const { Implements = [] } = await ask(endpoint, { method: 'Plugin.Activate', body: '', timeout }, manifest);
  return { identity: endpoint.identity, implementations: Implements };
}

async function ask<S extends TSchema>(
  endpoint: PluginEndpoint,
  asked: Exchange,
  schema: S,
): Promise<Static<S>> {
  const { method } = asked;
  const { status, text } = await exchange(endpoint.address, asked);
  if (status === 404) throw fail('PLUGIN_LACKS_METHOD', method, wordsOf(text));
  if (status !== 200) throw fail('PLUGIN_REFUSED', method, wordsOf(text));
  const value = decodeLikeGo(schema, parse(method, text));
  if (!Check(schema, value)) throw fail('PLUGIN_BROKEN', method, `the answer is none: ${shown(text)}`);
  return value;
}

/** The plugin's message: `Err` of a JSON body, else the body. */
function wordsOf(text: string): string {
  try {
    const value = decodeLikeGo(errorBody, JSON.parse(text));
    if (Check(errorBody, value) && value.Err) return value.Err;
  } catch {}
  return shown(text);
}

const shown = (text: string): string => {
  const trimmed = text.trim();
  return trimmed.length > 1000 ? `${trimmed.slice(0, 1000)}...` : trimmed;
};

function parse(method: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw fail('PLUGIN_BROKEN', method, text === '' ? 'EOF' : `the answer is no JSON: ${messageOf(error)}`);
  }
}
