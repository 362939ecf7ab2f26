/** A cable between two test hosts: a link `far0` on each, up, with the address that it is given. */
import { basename } from 'node:path';
import type { TestEngine } from './engine.ts';

export function connectHosts(
  ends: readonly [
    readonly [engine: TestEngine, address: string],
    readonly [engine: TestEngine, address: string],
  ],
): void {
  const [[first], [second]] = ends;
  const between = ['link', 'add', 'far0', 'type', 'veth', 'peer', 'name', 'far0', 'netns'];
  first.rig.run('host', 'ip', ...between, basename(second.rig.host));
  for (const [{ rig }, address] of ends) {
    rig.run('host', 'ip', 'address', 'add', `${address}/24`, 'dev', 'far0');
    rig.run('host', 'ip', 'link', 'set', 'far0', 'up');
  }
}
