import type { PluginVerbs } from '../../src/engine/plugin-verbs.ts';
import { fail } from '../../src/errors.ts';

/** No plugin is there. */
export function pluginVerbs(calls: string[]): PluginVerbs {
  const absent = (name: string) => fail('PLUGIN_NOT_FOUND', name);
  const refuse = async (name: string): Promise<never> => {
    throw absent(name);
  };
  return {
    list: () => [],
    get: (name) => {
      throw absent(name);
    },
    create: async (name) => void calls.push(`create plugin ${name}`),
    ...{ enable: refuse, disable: refuse, set: refuse, remove: refuse, push: refuse },
    privileges: async () => [],
    localName: (_remote, name) => name,
    pull: ({ remote }) => refuse(remote),
    upgrade: ({ name }) => refuse(name),
  };
}
