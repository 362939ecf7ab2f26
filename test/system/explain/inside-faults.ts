/** What a container has done to its own namespace. */
import { again, type Fault } from './bench.ts';

const inWeb = (command: string): Pick<Fault, 'set' | 'undo' | 'ask'> => ({
  set: ({ inside }) => inside('web', command),
  undo: (bench) => again(bench, 'web'),
  ask: ['db', 'web:80'],
});
const inDb = (command: string): Pick<Fault, 'set' | 'undo' | 'ask'> => ({
  set: ({ inside }) => inside('db', command),
  undo: (bench) => again(bench, 'db'),
  ask: ['db', 'web:80'],
});

/** A command in `web`, and a container that has never heard of it. */
const fresh = (command: string): Pick<Fault, 'set' | 'undo' | 'ask'> => ({
  set: async ({ inside, docker }) => {
    await inside('web', command);
    await docker('run -d --name fresh --network app busybox sleep 100000');
  },
  undo: async (bench) => {
    await bench.docker('rm -f fresh');
    await again(bench, 'web');
  },
  ask: ['fresh', 'web:80'],
});

export const insideFaults: readonly Fault[] = [
  {
    name: 'a wrong netmask',
    ...inWeb('ip address flush dev eth0; ip address add 172.18.0.2/32 dev eth0'),
    ...{ code: 'address-missing', says: /which has 172\.18\.0\.2\/32/ },
  },
  {
    name: 'another address',
    ...inWeb('ip address flush dev eth0; ip address add 172.18.0.66/16 dev eth0'),
    ...{ code: 'address-missing', says: /172\.18\.0\.66/ },
  },
  {
    name: 'a rule for routes in the sender',
    ...inDb('ip rule add to 172.18.0.0/16 blackhole pref 5'),
    ...{ code: 'route-missing' },
  },
  {
    name: 'a rule for routes in the receiver',
    ...inWeb('ip rule add to 172.18.0.0/16 unreachable pref 5'),
    ...{ code: 'route-missing', says: /web/ },
  },
  { name: 'a link without ARP', ...inWeb('ip link set eth0 arp off'), code: 'no-neighbour' },
  {
    name: 'a receiver that ignores ARP',
    ...fresh('sysctl -qw net.ipv4.conf.eth0.arp_ignore=8'),
    ...{ code: 'no-neighbour', says: /arp_ignore/ },
  },
  {
    name: 'a table of arp in the receiver',
    ...fresh('nft "table arp mine { chain in { type filter hook input priority 0; drop; }; }"'),
    ...{ code: 'container-firewall', says: /arp mine/ },
  },
  {
    name: 'neighbour solicitations are dropped',
    set: ({ inside }) => inside('four', 'ip6tables -I INPUT -p icmpv6 -j DROP'),
    undo: ({ inside }) => inside('four', 'ip6tables -F INPUT'),
    ...{ ask: ['s2', '[fd00:77::2]:80'], code: 'container-firewall' },
  },
  {
    name: 'the sender drops what it sends',
    ...inDb(
      'nft "table inet mine { chain out { type filter hook output priority -500; tcp dport 80 drop; }; }"',
    ),
    ...{ code: 'container-firewall', says: /container db/ },
  },
  {
    name: 'the sender drops the answer',
    ...inDb('iptables -A INPUT -p tcp --sport 80 -j DROP'),
    ...{ code: 'container-firewall', says: /container db.*answer/ },
  },
  {
    name: 'the receiver rejects it',
    ...inWeb('iptables -A INPUT -p tcp --dport 80 -j REJECT --reject-with tcp-reset'),
    code: 'container-firewall',
  },
  {
    name: 'loopback is down',
    set: ({ inside }) => inside('web', 'ip link set lo down'),
    undo: (bench) => again(bench, 'web'),
    ...{ ask: ['web', '127.0.0.1:80'], code: 'link-down', says: /lo/ },
  },
  {
    name: 'IPv6 is switched off in the receiver',
    set: ({ inside }) => inside('four', 'sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1'),
    undo: ({ docker }) => docker('restart -t 0 four'),
    ...{ ask: ['s2', '[fd00:77::2]:80'], code: 'setting-changed', says: /disable_ipv6/ },
  },
  {
    name: 'another MAC address that nobody has learned',
    ...inWeb('ip link set eth0 address 02:00:00:00:00:98; ip link set eth0 arp off'),
    code: 'setting-changed',
  },
  {
    name: 'a listener on the IPv6 loopback',
    set: ({ docker }) => docker('run -d --name loop6 --network six busybox httpd -f -p [::1]:7000'),
    undo: ({ docker }) => docker('rm -f loop6'),
    ...{ ask: ['s2', 'loop6:7000'], code: 'listens-on-loopback' },
  },
  {
    name: 'out of memory',
    set: async ({ engine, docker }) => {
      await engine.tryDocker([
        'run',
        '--name',
        'hog',
        '--network',
        'app',
        '-m',
        '16m',
        '--memory-swap',
        '16m',
        'busybox',
        'sh',
        '-c',
        'x=$(tail -c 200m /dev/zero | tr "\\0" x)',
      ]);
      await docker('inspect hog');
    },
    undo: ({ docker }) => docker('rm -f hog'),
    ...{ ask: ['db', 'hog:80'], code: 'not-running', says: /memory/ },
  },
];
