/** Verbs of secrets and configs, as a manager has them. */
import { findObject } from '../../swarm/references.ts';
import type { Core } from '../core.ts';
import type { SwarmVerbs } from '../swarm-verbs.ts';
import { swarmContext } from './context.ts';

type FileCore = Pick<Core, 'swarm' | 'generate'>;
const transitions = () => import('../../swarm/files.ts');

export function secretVerbs(core: FileCore): SwarmVerbs['secrets'] {
  const find = (ref: string) => findObject(core.swarm.store().view, 'secrets', ref);
  return {
    list: () => [...core.swarm.store().view.all('secrets')],
    get: find,
    create: async (spec) => {
      const store = core.swarm.store();
      const { createSecret } = await transitions();
      return (await store.transact(createSecret(spec, swarmContext(core)))).id;
    },
    update: async (ref, { version, spec }) => {
      const { id } = find(ref);
      const { updateSecret } = await transitions();
      await core.swarm.store().transact(updateSecret({ id, version, spec }, swarmContext(core)));
    },
    remove: async (ref) => {
      const { id } = find(ref);
      const { removeSecret } = await transitions();
      await core.swarm.store().transact(removeSecret(id));
    },
  };
}

export function configVerbs(core: FileCore): SwarmVerbs['configs'] {
  const find = (ref: string) => findObject(core.swarm.store().view, 'configs', ref);
  return {
    list: () => [...core.swarm.store().view.all('configs')],
    get: find,
    create: async (spec) => {
      const store = core.swarm.store();
      const { createConfig } = await transitions();
      return (await store.transact(createConfig(spec, swarmContext(core)))).id;
    },
    update: async (ref, { version, spec }) => {
      const { id } = find(ref);
      const { updateConfig } = await transitions();
      await core.swarm.store().transact(updateConfig({ id, version, spec }, swarmContext(core)));
    },
    remove: async (ref) => {
      const { id } = find(ref);
      const { removeConfig } = await transitions();
      await core.swarm.store().transact(removeConfig(id));
    },
  };
}
