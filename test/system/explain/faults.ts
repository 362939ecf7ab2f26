/** Faults on a single host, each in a few lines. */
import { addressOf, again, type Bench, type Fault } from './bench.ts';
import { insideFaults } from './inside-faults.ts';
import { nameFaults } from './name-faults.ts';
import { ruleFaults } from './rule-faults.ts';
import { wayFaults } from './way-faults.ts';

const inspect = (bench: Bench, format: string, what: string): Promise<string> =>
  bench.engine.docker('inspect', '-f', format, what);

/** Lets nobody but `third` connect to `web`. */
const policy = 'policies: [{ name: guard, applies: web, ingress: [{ allow: third }] }]';

/** A server that never accepts, and clients that are more than its backlog. */
const deaf =
  "require('net').createServer().listen(7000, '0.0.0.0', 1, () => { process.stdout.write('up\\n', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30000)); })";
const crowd =
  "for (let i = 0; i < 6; i++) require('net').connect(7000, process.argv[1]).on('error', () => {}); setTimeout(() => console.log('sent'), 300); setTimeout(() => process.exit(), 20000)";

const nothing = async (): Promise<void> => undefined;

export const faults: readonly Fault[] = [
  {
    name: 'no common network',
    ...{
      set: nothing,
      ask: ['db', 'far:80'],
      code: 'no-common-network',
      says: /db \(app\) and far \(back\)/,
    },
  },
  {
    name: 'a container of another network, by its address',
    ...{ set: nothing, ask: ['db', '172.19.0.2:80'], code: 'no-common-network' },
  },
  {
    name: 'internal network, out',
    ...{ set: nothing, ask: ['near', 'outside:198.51.100.1'], code: 'internal-network', says: /closed/ },
  },
  {
    name: 'internal network, in',
    ...{ set: nothing, ask: ['outside', 'lone:80'], code: 'internal-network' },
  },
  { name: 'icc off', set: nothing, ask: ['a2', 'a1:80'], code: 'icc-off', says: /enable_icc/ },
  ...ruleFaults,
  ...wayFaults,
  ...insideFaults,
  ...nameFaults,
  { name: 'port not published', set: nothing, ask: ['outside', 'far:80'], code: 'port-not-published' },
  {
    name: 'published on loopback only',
    ...{
      set: nothing,
      ask: ['outside', 'host:8081'],
      code: 'published-elsewhere',
      says: /127\.0\.0\.1:8081/,
    },
  },
  {
    name: 'published for another protocol',
    set: nothing,
    ask: ['outside', 'web:80/udp'],
    code: 'published-elsewhere',
  },
  {
    name: 'nobody listens',
    set: nothing,
    ask: ['db', 'web:81'],
    code: 'nobody-listens',
    says: /listens on 80/,
  },
  { name: 'nobody listens for datagrams', set: nothing, ask: ['web', 'db:53/udp'], code: 'nobody-listens' },
  { name: 'listens on loopback', set: nothing, ask: ['db', 'looped:7000'], code: 'listens-on-loopback' },
  { name: 'wrong family', set: nothing, ask: ['s2', '[fd00:77::2]:7000'], code: 'wrong-family' },
  { name: 'wrong protocol', set: nothing, ask: ['db', 'web:80/udp'], code: 'wrong-protocol' },
  { name: 'name not found', set: nothing, ask: ['db', 'wbe:80'], code: 'name-not-found', says: /resolver/ },
  {
    name: 'no names on the default network',
    set: nothing,
    ask: ['d2', 'd1:80'],
    code: 'name-not-found',
    says: /serves no names/,
  },
  {
    name: 'name on another network',
    set: nothing,
    ask: ['db', 'distant:80'],
    code: 'name-elsewhere',
    says: /network back/,
  },
  {
    name: 'an old line of /etc/hosts',
    set: ({ docker }) =>
      docker('run -d --name old --network app --add-host web:172.18.0.99 busybox sleep 100000'),
    undo: ({ docker }) => docker('rm -f old'),
    ...{ ask: ['old', 'web:80'], code: 'stale-address', says: /172\.18\.0\.99/ },
  },
  {
    name: 'an address that nobody has',
    set: nothing,
    ask: ['db', '172.18.0.77:80'],
    code: 'foreign-address',
  },
  {
    name: 'a link of the receiver is down',
    set: ({ inside }) => inside('web', 'ip link set eth0 down'),
    undo: (bench) => again(bench, 'web'),
    ...{ ask: ['db', 'web:80'], code: 'link-down' },
  },
  {
    name: "the receiver's address is gone",
    set: ({ inside }) => inside('web', 'ip address flush dev eth0'),
    undo: (bench) => again(bench, 'web'),
    ...{ ask: ['db', 'web:80'], code: 'address-missing' },
  },
  {
    name: "the sender's default route is gone",
    set: ({ inside }) => inside('db', 'ip route delete default'),
    undo: (bench) => again(bench, 'db'),
    ...{ ask: ['db', 'outside:198.51.100.1'], code: 'route-missing' },
  },
  {
    name: 'a default route that leads elsewhere',
    set: ({ inside }) => inside('db', 'ip route replace default via 172.18.0.77'),
    undo: (bench) => again(bench, 'db'),
    ...{ ask: ['db', 'outside:198.51.100.1'], code: 'route-missing', says: /172\.18\.0\.77/ },
  },
  {
    name: 'a policy',
    set: ({ engine }) => engine.api('POST', '/seaway/policies', { json: { Document: policy } }),
    undo: ({ engine }) => engine.api('DELETE', '/seaway/policies/guard'),
    ...{ ask: ['db', 'web:80'], code: 'policy', says: /policy guard/ },
  },
  {
    name: "the receiver's way back is gone",
    set: ({ inside }) => inside('web', 'ip route delete default'),
    undo: (bench) => again(bench, 'web'),
    ...{ ask: ['outside', 'web:80'], code: 'route-missing' },
  },
  {
    name: 'reverse path filter',
    set: ({ host }) =>
      host(
        'sysctl -qw net.ipv4.conf.up0.rp_filter=1; ip link add via0 type bridge; ip link set via0 up; ip route add 192.0.2.0/24 dev via0',
      ),
    undo: ({ host }) => host('sysctl -qw net.ipv4.conf.up0.rp_filter=0; ip link delete via0'),
    ...{ ask: ['outside:192.0.2.9', 'host:8080'], code: 'rp-filter' },
  },
  {
    name: "a VPN's route hides the subnet",
    set: ({ host }) =>
      host('ip link add tun9 type bridge; ip link set tun9 up; ip route add 172.18.0.0/25 dev tun9'),
    undo: ({ host }) => host('ip link delete tun9'),
    ...{ ask: ['host', 'web:80'], code: 'subnet-hidden', says: /tun9/ },
  },
  {
    name: 'a blackhole on the host',
    set: ({ host }) => host('ip route add blackhole 172.18.0.0/25'),
    undo: ({ host }) => host('ip route delete blackhole 172.18.0.0/25'),
    ...{ ask: ['outside', 'web:80'], code: 'subnet-hidden', says: /blackhole/ },
  },
  {
    name: 'an address that two have',
    set: async (bench) =>
      bench.inside('third', `ip address add ${await addressOf(bench, 'web')}/32 dev eth0`),
    undo: (bench) => again(bench, 'third'),
    ...{ ask: ['db', 'web:80'], code: 'duplicate-address', says: /container third/ },
  },
  {
    name: 'a neighbour that answers for another',
    set: async (bench) => {
      const address = await addressOf(bench, 'web');
      await bench.inside(
        'third',
        `sysctl -qw net.ipv4.conf.eth0.proxy_arp=1 net.ipv4.neigh.eth0.proxy_delay=0; ip route add ${address}/32 dev lo`,
      );
      await bench.inside('web', 'ip link set eth0 arp off');
      await bench.inside('db', 'ip neighbour flush all');
    },
    undo: (bench) => again(bench, 'third web'),
    ...{ ask: ['db', 'web:80'], code: 'foreign-neighbour', says: /container third/ },
  },
  {
    name: 'a neighbour entry that leads to somebody else',
    set: async (bench) =>
      bench.inside(
        'db',
        `ip neighbour replace ${await addressOf(bench, 'web')} lladdr 02:00:00:00:00:99 dev eth0`,
      ),
    undo: (bench) => again(bench, 'db'),
    ...{ ask: ['db', 'web:80'], code: 'foreign-neighbour', says: /02:00:00:00:00:99/ },
  },
  {
    name: 'a smaller MTU on the way',
    set: ({ inside }) => inside('web', 'ip link set eth0 mtu 1200'),
    undo: (bench) => again(bench, 'web'),
    ...{ ask: ['db', 'web:80'], code: 'mtu' },
  },
  {
    name: 'paused',
    set: ({ docker }) => docker('pause web'),
    undo: ({ docker }) => docker('unpause web'),
    ...{ ask: ['db', 'web:80'], code: 'paused' },
  },
  { name: 'not running', set: nothing, ask: ['db', 'idle:80'], code: 'not-running' },
  {
    name: 'restarting',
    set: async ({ docker }) => {
      await docker('run -d --name again --network app --restart always busybox false');
      for (
        let tries = 0;
        (await docker('inspect -f {{.State.Status}} again')) !== 'restarting' && tries < 100;
        tries++
      );
    },
    undo: ({ docker }) => docker('rm -f again'),
    ...{ ask: ['db', 'again:80'], code: 'restarting' },
  },
  { name: 'no network', set: nothing, ask: ['bare', 'web:80'], code: 'no-network' },
  {
    name: 'the port of a container is held by another program',
    set: async ({ engine }) => {
      engine.rig.start(
        'host',
        process.execPath,
        '-e',
        "require('net').createServer().listen(8090, () => console.log(1))",
      );
      for (let tries = 0; tries < 100; tries++) {
        const { stdout } = await engine.on('host', 'ss', '-ltn');
        if (stdout.includes(':8090 ')) break;
      }
      await engine.tryDocker([
        'run',
        '-d',
        '--name',
        'holds',
        '--network',
        'app',
        '-p',
        '8090:80',
        'busybox',
        'httpd',
        '-f',
      ]);
    },
    undo: ({ docker }) => docker('rm -f holds'),
    ...{ ask: ['outside', 'holds:80'], code: 'port-held' },
  },
  {
    name: 'a full backlog',
    set: async (bench) => {
      const space = async (name: string): Promise<string> =>
        `/proc/${await inspect(bench, '{{.State.Pid}}', name)}/ns/net`;
      const { rig } = bench.engine;
      const server = rig.start(await space('web'), process.execPath, '-e', deaf);
      await server.firstLine;
      const many = rig.start(await space('db'), process.execPath, '-e', crowd, await addressOf(bench, 'web'));
      await many.firstLine;
    },
    undo: (bench) => again(bench, 'web'),
    ...{ ask: ['db', 'web:7000'], code: 'backlog-full' },
  },
  {
    name: 'a rule inside of the receiver',
    set: ({ inside }) => inside('web', 'iptables -A INPUT -p tcp --dport 80 -j DROP'),
    undo: ({ inside }) => inside('web', 'iptables -F INPUT'),
    ...{ ask: ['db', 'web:80'], code: 'container-firewall' },
  },
];
