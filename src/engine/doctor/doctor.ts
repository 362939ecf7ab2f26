/** `seaway doctor`: records against kernel, object by object, and what of the host will get in the way. */
import { existsSync } from 'node:fs';
import { type Scopes, scopeNamed, scopesOf } from '../../affected/affected.ts';
import { type Examination, type Examined, type Finding, type Fix, fixCommand } from '../../doctor/finding.ts';
import { hostFindings } from '../../doctor/host.ts';
import { scopeFindings } from '../../doctor/scopes.ts';
import { hasCode, messageOf } from '../../errors.ts';
import { isAlive } from '../../model/container-state.ts';
import { resolverAddress } from '../../names/resolv-conf.ts';
import { type Followed, follow } from '../change.ts';
import { compareAll } from '../compare.ts';
import { networkFilesOf } from '../containers/network-files.ts';
import { askName } from '../explain/ask-name.ts';
import { mapLimit } from '../limit.ts';
import type { Examining } from './examining.ts';
import { hostState } from './gather.ts';

export type Curing = Examining & Followed;

export async function examine(core: Curing, { fix }: { readonly fix: boolean }): Promise<Examination> {
  const compared = await compareAll(core);
  const findings = [
    ...scopeFindings(compared),
    ...strayFindings(core),
    ...degradedFindings(core),
    ...fileFindings(core),
    ...(await resolverFindings(core)),
    ...hostFindings(await hostState(core)),
  ];
  const examined: Examined[] = [];
  for (const finding of findings)
    examined.push(fix ? await cure(core, finding) : { ...finding, ...untouched });
  return { compared: compared.length, findings: examined };
}

const untouched = { outcome: 'open', error: '' } as const;

/** One that fails does not stop the others. */
async function cure(core: Curing, finding: Finding): Promise<Examined> {
  if (finding.fix.kind === 'none') return { ...finding, ...untouched };
  try {
    await apply(core, finding.fix);
    return { ...finding, outcome: 'fixed', error: '' };
  } catch (error) {
    return { ...finding, outcome: 'failed', error: messageOf(error) };
  }
}

async function apply(core: Curing, fix: Fix): Promise<void> {
  switch (fix.kind) {
    case 'scope':
      await follow(core, scopesFor(fix.scope));
      return;
    case 'sweep':
      await core.reconciler.sweep();
      return;
    case 'sysctl':
      core.kernel.host.writeSysctl(fix.key, fix.value);
      return;
    case 'resolver':
      await core.resolver.ensure(fix.sandboxId);
      return;
    case 'files':
      await follow(core, scopesOf({ files: new Map([[fix.containerId, { begins: true }]]) }));
  }
}

const scopesFor = (scope: string): Scopes =>
  scope === 'firewall' ? scopesOf({ firewall: true }) : scopeNamed(scope);

function strayFindings({ reconciler }: Examining): readonly Finding[] {
  const strays = reconciler.strays();
  if (strays.length === 0) return [];
  return [
    {
      ...{ code: 'stray', at: 'this host', cure: fixCommand, fix: { kind: 'sweep' } },
      sentence: `the engine has left behind what no record wants: ${strays.slice(0, 5).join(', ')}${strays.length > 5 ? ', ...' : ''}`,
      would: strays.map((name) => `remove ${name}`),
    },
  ];
}

/** What is tried again, apart from scopes, whose comparison has found it already. */
const degradedFindings = ({ retries }: Examining): readonly Finding[] =>
  retries
    .list()
    .filter(({ key }) => !/^(?:network:|sandbox:|firewall$)/.test(key))
    .map(({ name, error, next }) => ({
      ...{ code: 'degraded', at: name, would: [], fix: { kind: 'none' } },
      sentence: `${name} fails: ${error}`,
      cure:
        next === ''
          ? 'restart seawayd once its cause is gone'
          : `it is tried again at ${next}; remove its cause`,
    }));

function fileFindings(core: Examining): readonly Finding[] {
  return [...core.model.all('containers')].flatMap((container): Finding[] => {
    if (!isAlive(container) || !core.model.sandboxOfContainer(container.id)) return [];
    const { hosts, hostname, resolvConf } = networkFilesOf(core, container);
    const missing = [hosts, hostname, resolvConf].filter((path) => !existsSync(path));
    if (missing.length === 0) return [];
    return [
      {
        ...{ code: 'file-missing', at: `container ${container.name}`, cure: fixCommand },
        sentence: `files of container ${container.name} are gone: ${missing.join(', ')}`,
        would: missing.map((path) => `write ${path}`),
        fix: { kind: 'files', containerId: container.id },
      },
    ];
  });
}

/** Milliseconds for the resolver, which answers in less than one where the machine is idle. */
const patience = 2_500;
const atOnce = 16;

/** Asks in each sandbox that the resolver serves. */
async function resolverFindings({ model, reconciler }: Examining): Promise<readonly Finding[]> {
  const served = [...model.all('sandboxes')].filter(({ resolver, kind }) => resolver && kind === 'own');
  const found: Finding[] = [];
  await mapLimit(served, atOnce, async ({ id, containerId }) => {
    const name = model.get('containers', containerId)?.name ?? id.slice(0, 12);
    // it may have gone meanwhile
    if ((await isServed(reconciler, id)) || !model.get('sandboxes', id)) return;
    found.push({
      ...{ code: 'resolver-silent', at: `container ${name}`, cure: fixCommand },
      sentence: `the engine's resolver does not answer in container ${name}`,
      would: [`serve container ${name}`],
      fix: { kind: 'resolver', sandboxId: id },
    });
  });
  return found;
}

const question = {
  server: resolverAddress,
  name: 'host.docker.internal',
  family: 4,
  limit: patience,
} as const;

/** False also where its namespace is gone. */
async function isServed(reconciler: Examining['reconciler'], sandboxId: string): Promise<boolean> {
  try {
    const { code } = await askName(reconciler.namespaceOf(sandboxId), question);
    return code >= 0;
  } catch (error) {
    if (hasCode(error, 'KERNEL')) return false;
    throw error;
  }
}
