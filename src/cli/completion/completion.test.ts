import { beforeAll, describe, expect, it } from 'vitest';
import { entries, groups } from '../tree.ts';
import { completionScript } from './scripts.ts';
import { commandTree } from './tree.ts';

let bash = '';
let fish = '';

beforeAll(async () => {
  const tree = await commandTree('seaway', { entries, groups });
  bash = completionScript('bash', tree);
  fish = completionScript('fish', tree);
});

/** What the bash script has for one command. */
const caseOf = (path: string): string => {
  const start = bash.indexOf(`    '${path}')`);
  return bash.slice(start, bash.indexOf(';;\n', bash.indexOf('esac', start)));
};

describe('completion of names', () => {
  it.each([
    ['explain', "ps --all --format '{{.Names}}'"],
    ['service update', "service ls --format '{{.Name}}'"],
    ['service scale', "service ls --format '{{.Name}}'"],
    ['service logs', "service ls --format '{{.Name}}'"],
    ['node inspect', "node ls --format '{{.Hostname}}'"],
    ['node ps', "node ls --format '{{.Hostname}}'"],
    ['stack rm', "stack ls --format '{{.Name}}'"],
    ['secret rm', "secret ls --format '{{.Name}}'"],
    ['config inspect', "config ls --format '{{.Name}}'"],
    ['swarm join-token', "echo 'worker'; echo 'manager'"],
  ])('%s asks for names', (path, listing) => {
    expect(caseOf(path)).toContain(`lister="${listing.startsWith('echo') ? '' : 'seaway '}${listing}`);
  });

  it.each(['secret create', 'config create'])('%s names something new', (path) => {
    expect(caseOf(path)).toContain('lister=""');
  });

  it('values of flags are names too', () => {
    const own = caseOf('service create');
    expect(own).toContain("--secret) values=$(seaway secret ls --format '{{.Name}}' 2>/dev/null)");
    expect(own).toContain("--config) values=$(seaway config ls --format '{{.Name}}' 2>/dev/null)");
    expect(own).toContain('--update-order) values=');
    expect(caseOf('service update')).toContain('--network-add) values=$(seaway network ls');
  });

  it('the folder of the client’s settings is a file for the shell', () => {
    expect(caseOf('')).not.toContain('--config) values');
    expect(fish.split('\n').find((line) => line.includes('= ""') && line.includes('-l config'))).toContain(
      ' -r ',
    );
  });
});
