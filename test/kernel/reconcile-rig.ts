/** Set-up of the tests that converge: a reconciler on a rig, a small world, and what is left of it. */
import { existsSync, mkdtempSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Kernel } from '../../src/kernel/kernel.ts';
import type { Model } from '../../src/model/memory.ts';
import type { Facts } from '../../src/objects/object.ts';
import { createLogger } from '../../src/observe/logger.ts';
import { readFacts } from '../../src/reconcile/facts.ts';
import { createReconciler, type Reconciler } from '../../src/reconcile/reconciler.ts';
import { endpoint, modelOf, network, pool, sandbox } from '../golden/plans/world.ts';
import { openRig, type Rig, uplink } from './rig.ts';

const folder = mkdtempSync(join(tmpdir(), 'seaway-reconcile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let states = 0;

/** The file in which the reconciler that was made last keeps what it owns of the firewall. */
export const lastStateFile = (): string => join(folder, `rules-${states}.json`);

export function reconcilerOn(
  kernel: Kernel,
  model: Model,
  rig: Rig,
  lines: string[] = [],
  facts: () => Facts = () => readFacts(kernel),
): Reconciler {
  states++;
  return createReconciler({
    kernel,
    view: model,
    facts,
    namespacesFolder: rig.path('boxes'),
    logger: createLogger('fatal'),
    trace: (line) => lines.push(line),
    ownedRulesFile: lastStateFile(),
    config: {
      iptables: true,
      ip6tables: true,
      ipForward: true,
      ipForwardNoDrop: false,
      allowDirectRouting: false,
      bridge: { acceptFwmark: '' },
    },
  });
}

/** A rig whose namespaces for sandboxes go with it. */
export function openBoxes(): { readonly rig: Rig; readonly kernel: Kernel } {
  const rig = openRig();
  const kernel = rig.kernel();
  const boxes = rig.path('boxes');
  afterAll(async () => {
    if (!existsSync(boxes)) return;
    for (const name of readdirSync(boxes)) await kernel.removeNamespace(join(boxes, name));
    rmdirSync(boxes);
  });
  return { rig, kernel };
}

/** A network and two sandboxes on it. */
export function pair(rig: Rig) {
  const web = network('web', {
    enableIPv6: true,
    pools: [pool('172.30.0.0/16', '172.30.0.1'), pool('fd00:30::/64', 'fd00:30::1')],
  });
  const boxes = ['a', 'b'].map((name, i) => {
    const box = sandbox(name, { path: `${rig.path('boxes')}/${name}` });
    const addresses = [`172.30.0.${i + 2}/16`, `fd00:30::${i + 2}/64`];
    const end = endpoint({ network: web, sandbox: box }, { addresses });
    return { box: { ...box, gateway4: end.id, gateway6: end.id }, end };
  });
  const model = modelOf({
    networks: [web],
    sandboxes: boxes.map(({ box }) => box),
    endpoints: boxes.map(({ end }) => end),
  });
  return { web, boxes, model };
}

/** All links of the host but those that were there before. */
export const hostLinks = (rig: Rig): string[] =>
  rig
    .ip('host', 'link')
    .map(({ ifname }) => String(ifname))
    .filter(
      (name) => !['lo', uplink.name].includes(name) && !/^(tunl|sit|ip6|gre|erspan|ip_vti|ifb)/.test(name),
    );

export async function convergeAll(
  reconciler: Reconciler,
  { web, boxes }: ReturnType<typeof pair>,
): Promise<void> {
  await reconciler.convergeNetwork(web.id);
  await Promise.all(boxes.map(({ box }) => reconciler.convergeSandbox(box.id)));
}
