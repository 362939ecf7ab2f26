/** The command transcripts that the project follows, by the real docker CLI. Not part of a release's files. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { isInstalled, run, soon } from './commands.ts';
import { projectFolder } from './engine.ts';
import { leftovers, purge } from './leftovers.ts';

const shared = join(projectFolder, '../shared');
const folder = join(shared, 'scenarios');
const reason = !existsSync(join(folder, 'run'))
  ? ' (skipped: ../shared/scenarios is not there)'
  : isInstalled('docker')
    ? ''
    : ' (skipped: docker CLI is not installed)';
/** With the other backend of the firewall: all but the one about the chains of iptables. */
const isNftables = process.env.SEAWAY_TEST_FIREWALL === 'nftables';
const scenarios =
  reason === ''
    ? readdirSync(folder).filter((name) => (isNftables ? /^(?!07)\d.*\.sh$/ : /^\d.*\.sh$/).test(name))
    : ['all'];

const name = `sw-scn-${process.pid}`;
const signs = {
  folder: `/tmp/${name}-engine`,
  cgroup: '',
  namespaces: [`/run/netns/${name}`, `/run/netns/${name}-out`],
};
const peer = join(shared, 'tools/peer');
const env = {
  ...process.env,
  PEER_NS: name,
  DOCKER_CONFIG: '/nonexistent',
  SEAWAY_TEST: signs.folder,
  ...(isNftables && { PEER_FLAGS: '--firewall-backend=nftables' }),
};
delete (env as NodeJS.ProcessEnv).DOCKER_HOST;

/** What went wrong, with the lines that say how. */
const complaints = (tap: string): string =>
  tap
    .split('\n')
    .filter((line) => line.startsWith('not ok') || line.startsWith('    #'))
    .join('\n');

describe.skipIf(reason !== '')(`the scenarios${reason}`, () => {
  afterAll(async () => {
    if (existsSync(signs.folder)) await run([peer, 'down'], { env });
    purge(signs);
  });

  test.each(scenarios)('%s holds', async (scenario) => {
    const title = readFileSync(join(folder, scenario), 'utf8').split('\n')[0];
    const command = [join(folder, 'run'), join(projectFolder, 'bin/seawayd'), join(folder, scenario)];
    const { stdout, stderr } = await run(command, { env, timeout: 110_000 });
    expect(complaints(stdout), `${title}\n${stderr}`).toBe('');
    expect(stdout).toMatch(/^[1-9]\d* passed, 0 failed$/m);
    await soon(() => leftovers(signs).length === 0, 3000);
    expect(leftovers(signs)).toEqual([]);
  });
});
