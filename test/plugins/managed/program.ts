/**
 * The program in a managed plugin of the tests: a volume driver on a socket, each of whose volumes is a tmpfs below
 * the folder that it propagates. It stands alone: it is copied into the plugin's root. `MODE` makes it misbehave.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';

interface Asked {
  readonly Name?: string;
  readonly ID?: string;
  readonly PoolID?: string;
  readonly Address?: string;
}

const folder = '/data/volumes';
const pathOf = ({ Name = '' }: Asked): string => `${folder}/${Name}`;
const isMounted = (path: string): boolean =>
  readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${path} `);
const volumeOf = (asked: Asked): object => ({ Name: asked.Name, Mountpoint: pathOf(asked) });

/** Addresses that are in use, forgotten when it ends. */
const addresses = new Set<string>();
let pools = 0;

function giveAddress({ Address = '' }: Asked): object {
  const free = Array.from({ length: 250 }, (_, at) => `10.66.0.${at + 1}`).find((one) => !addresses.has(one));
  const given = Address || (free ?? '');
  addresses.add(given);
  return { Address: `${given}/24` };
}

/** What it was given, for tests to look at. */
const describe = (): object => ({
  ...{ pid: process.pid, uid: process.getuid?.(), args: process.argv.slice(2), cwd: process.cwd() },
  ...{ env: process.env, status: readFileSync('/proc/self/status', 'utf8') },
  links: readFileSync('/proc/net/dev', 'utf8'),
  mounts: readFileSync('/proc/self/mountinfo', 'utf8'),
});

const calls: Readonly<Record<string, (asked: Asked) => object>> = {
  'Plugin.Activate': () => ({ Implements: ['VolumeDriver'] }),
  'VolumeDriver.Capabilities': () => ({ Capabilities: { Scope: 'local' } }),
  'VolumeDriver.Create'(asked) {
    mkdirSync(pathOf(asked), { recursive: true });
    return {};
  },
  'VolumeDriver.Remove'(asked) {
    if (isMounted(pathOf(asked))) execFileSync('umount', [pathOf(asked)]);
    rmSync(pathOf(asked), { recursive: true, force: true });
    return {};
  },
  'VolumeDriver.Mount'(asked) {
    if (!isMounted(pathOf(asked))) execFileSync('mount', ['-t', 'tmpfs', 'volume', pathOf(asked)]);
    return { Mountpoint: pathOf(asked) };
  },
  'VolumeDriver.Unmount': () => ({}),
  'VolumeDriver.Path': (asked) => ({ Mountpoint: pathOf(asked) }),
  'VolumeDriver.Get': (asked) =>
    existsSync(pathOf(asked))
      ? { Volume: { ...volumeOf(asked), Status: { greeting: process.env.GREETING ?? '' } } }
      : { Err: `no volume ${asked.Name}` },
  'VolumeDriver.List': () => ({ Volumes: readdirSync(folder).map((Name) => volumeOf({ Name })) }),
  'NetworkDriver.GetCapabilities': () => ({ Scope: 'local', ConnectivityScope: 'local' }),
  'NetworkDriver.CreateNetwork': () => ({}),
  'NetworkDriver.DeleteNetwork': () => ({}),
  'IpamDriver.GetCapabilities': () => ({ RequiresRequestReplay: true }),
  'IpamDriver.GetDefaultAddressSpaces': () => ({
    LocalDefaultAddressSpace: 'l',
    GlobalDefaultAddressSpace: 'g',
  }),
  'IpamDriver.RequestPool'() {
    pools += 1;
    return { PoolID: 'pool', Pool: '10.66.0.0/24' };
  },
  'IpamDriver.ReleasePool'() {
    pools -= 1;
    return {};
  },
  'IpamDriver.RequestAddress': giveAddress,
  'IpamDriver.ReleaseAddress'({ Address = '' }) {
    addresses.delete(Address);
    return {};
  },
  'Test.Addresses': () => ({ pools, addresses: [...addresses].sort() }),
  'Test.Describe': describe,
};

mkdirSync(folder, { recursive: true });
console.log(`the plugin says ${process.env.GREETING ?? ''}`);
process.on('SIGTERM', () => process.exit(0));
if (process.env.MODE === 'ends') process.exit(3);
if (process.env.MODE === 'mute') setInterval(() => undefined, 1000);
else
  createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      const call = calls[(request.url ?? '').slice(1)];
      response.statusCode = call ? 200 : 404;
      response.end(JSON.stringify(call?.(JSON.parse(body || '{}') as Asked) ?? {}));
    });
  }).listen('/run/docker/plugins/volumes.sock');
