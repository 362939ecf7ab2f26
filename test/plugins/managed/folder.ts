/** What `docker plugin create` takes: a folder with `config.json` and `rootfs/`, whose programs are the host's own. */
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('program.ts', import.meta.url));

const bind = (source: string, destination: string) => ({
  ...{ source, destination, type: 'bind', options: ['rbind', 'ro'] },
});

const config = {
  ...{ description: 'Volumes in memory', documentation: 'https://example.com/volumes', workDir: '/tmp' },
  entrypoint: [`/node/${basename(process.execPath)}`, '/program.ts'],
  interface: { types: ['docker.volumedriver/1.0'], socket: 'volumes.sock' },
  network: { type: 'bridge' },
  env: [
    { name: 'GREETING', description: 'what it says', value: 'hello', settable: ['value'] },
    { name: 'MODE', value: '', settable: ['value'] },
    { name: 'FIXED', value: '1' },
  ],
  args: { name: 'args', description: 'words', value: ['a', 'b'], settable: ['value'] },
  mounts: [
    { name: 'programs', ...bind('/usr', '/usr') },
    { name: 'node', ...bind(dirname(process.execPath), '/node'), settable: ['source'] },
  ],
  linux: {
    capabilities: ['CAP_SYS_ADMIN'],
    devices: [{ name: 'full', path: '/dev/full', settable: ['path'] }],
  },
  propagatedMount: '/data',
};

/** Make it. `changes` replace members of its configuration. */
export function makePluginFolder(folder: string, changes: object = {}): string {
  const root = join(folder, 'rootfs');
  for (const name of ['usr', 'node', 'tmp', 'data', 'run/docker/plugins'])
    mkdirSync(join(root, name), { recursive: true });
  for (const name of ['bin', 'lib', 'lib64', 'sbin']) symlinkSync(`usr/${name}`, join(root, name));
  // for one that runs as another user than root
  chmodSync(join(root, 'data'), 0o777);
  copyFileSync(program, join(root, 'program.ts'));
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...config, ...changes }));
  return folder;
}
