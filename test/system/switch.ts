/** A switch that hosts of tests are plugged into, each by a link `far0` and an address. */
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { EngineHost } from './engine-host.ts';
import { leftovers, mountsBelow } from './leftovers.ts';

export class Switch {
  readonly #owner: EngineHost;
  readonly #path: string;

  /** It is gone with the namespaces of its owner. */
  constructor(owner: EngineHost) {
    this.#owner = owner;
    this.#path = owner.rig.path('switch');
  }

  build(): void {
    this.#owner.rig.run('host', 'ip', 'netns', 'add', basename(this.#path));
    for (const line of ['link add sw0 type bridge', 'link set sw0 up'])
      this.#owner.rig.run(this.#path, 'ip', ...line.split(' '));
  }

  /** `path`: of a namespace. */
  plug(path: string, { cable, address }: { readonly cable: string; readonly address: string }): void {
    const { rig } = this.#owner;
    const lines = [
      [this.#path, `link add ${cable} type veth peer name far0 netns ${basename(path)}`],
      [this.#path, `link set ${cable} master sw0 up`],
      [path, `address add ${address}/24 dev far0`],
      [path, 'link set far0 up'],
    ] as const;
    for (const [where, line] of lines) rig.run(where, 'ip', ...line.split(' '));
  }

  unplug(cable: string): void {
    this.#owner.rig.run(this.#path, 'ip', 'link', 'del', cable);
  }

  /** Takes a cable out, or puts it back. */
  set(cable: string, state: 'up' | 'down'): void {
    this.#owner.rig.run(this.#path, 'ip', 'link', 'set', cable, state);
  }

  /** `rules`: for nft, at the switch. */
  filter(rules: string): void {
    this.#owner.rig.run(this.#path, 'nft', rules);
  }
}

/** Every process of the host ends at once, and what is not on its disk is gone. The engine is not started. */
export function powerOff(engine: EngineHost): void {
  const { signs, folder } = engine;
  const run = { ...signs, folder: join(folder, 'run') };
  // a cgroup is busy until the last of its processes is gone
  for (let turn = 0; turn === 0 || (turn < 50 && leftovers(run).length > 0); turn++) engine.purge(run);
  for (const target of mountsBelow(folder)) spawnSync('umount', ['-l', target]);
  for (const name of readdirSync(folder))
    if (['pid', 'engine.sock', 'run'].includes(name)) rmSync(join(folder, name), { recursive: true });
}
