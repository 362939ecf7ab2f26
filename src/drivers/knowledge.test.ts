import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const src = fileURLToPath(new URL('..', import.meta.url));

/** What only a driver may know. */
const knowledge = {
  'compares the name of a driver': /\bdriver\b\s*[!=]==?\s*'(bridge|host|null|macvlan|ipvlan|overlay)'/,
  'looks for a driver in a list or a case':
    /\bcase '(bridge|macvlan|ipvlan|overlay)'|\[[^\]]*'(bridge|macvlan|ipvlan|overlay)'[^\]]*\]\.includes\(/,
  'looks up a driver by a fixed name': /drivers\.find\('/,
  'reads an option of a driver':
    /com\.docker\.network\.(bridge|driver|host_ipv|container_iface)|(mac|ip)vlan_(mode|flag)|options\.parent|'seaway\.host_access'/,
  'imports from inside of drivers': /from '[^']*\/drivers\/(?!table\.ts)/,
} as const;

/** Where it is right all the same. */
const allowed: Readonly<Record<string, string>> = {
  'plugins/network-driver.ts': 'what dockerd tells every driver of other people',
  'doctor/host.ts': 'its sentences name the option that cures',
  'explain/between.ts': 'its sentences name the option that cures',
  'explain/way.ts': 'its sentences name the option that cures',
  'api/presenters/overlay-options.ts': "how Docker's API shows what was chosen for an overlay network",
};

const files = globSync('**/*.ts', { cwd: src }).filter(
  (path) => !path.startsWith('drivers/') && !path.endsWith('.test.ts') && !allowed[path],
);

const codeOf = (path: string): string =>
  readFileSync(`${src}/${path}`, 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');

/** What would be seen, and what is something else: link types, file systems, IPAM drivers. */
const examples: Readonly<Record<keyof typeof knowledge, readonly [seen: string, passed: string]>> = {
  'compares the name of a driver': ["network.driver !== 'macvlan'", "type === 'macvlan'"],
  'looks for a driver in a list or a case': [
    "['macvlan', 'ipvlan'].includes(network.driver)",
    "['', 'default'].includes(request.ipam.driver)",
  ],
  'looks up a driver by a fixed name': ["view.drivers.find('bridge')", 'view.drivers.find(network.driver)'],
  'reads an option of a driver': ['network.options.parent', 'network.options'],
  'imports from inside of drivers': ["from '../drivers/bridge/plan.ts'", "from '../drivers/table.ts'"],
};

describe('outside of drivers/', () => {
  it.each(Object.entries(knowledge))('the check sees what %s', (what, pattern) => {
    const [seen, passed] = examples[what as keyof typeof knowledge];
    expect([pattern.test(seen), pattern.test(passed)]).toEqual([true, false]);
  });

  it.each(Object.entries(knowledge))('nothing %s', (_what, pattern) => {
    expect(files.filter((path) => pattern.test(codeOf(path)))).toEqual([]);
  });

  it('the table of drivers is handed in by the engine alone', () => {
    const users = files.filter((path) => codeOf(path).includes('/drivers/table.ts'));
    // the second reads the records of an installation that is removed, in another process
    expect(users.toSorted()).toEqual(['engine/last-records.ts', 'engine/open-core.ts']);
  });
});
