/** Faults of names. */
import { again, type Fault } from './bench.ts';

export const nameFaults: readonly Fault[] = [
  {
    name: "another server in a container's resolv.conf",
    set: ({ docker, engine }) =>
      docker('version').then(() =>
        engine.docker('exec', 'db', 'sh', '-c', 'echo nameserver 198.51.100.1 >/etc/resolv.conf'),
      ),
    undo: (bench) => again(bench, 'db'),
    ...{ ask: ['db', 'web:80'], code: 'no-name-server', says: /resolv\.conf/ },
  },
  {
    name: 'no server in resolv.conf',
    set: ({ engine }) => engine.docker('exec', 'db', 'sh', '-c', ': >/etc/resolv.conf'),
    undo: (bench) => again(bench, 'db'),
    ...{ ask: ['db', 'web:80'], code: 'no-name-server', says: /resolv\.conf/ },
  },
  {
    name: 'a line of hosts that the container wrote',
    set: ({ engine }) => engine.docker('exec', 'db', 'sh', '-c', 'echo 192.0.2.1 web >>/etc/hosts'),
    undo: ({ engine }) =>
      engine.docker('exec', 'db', 'sh', '-c', 'grep -v 192.0.2.1 /etc/hosts >/tmp/h; cat /tmp/h >/etc/hosts'),
    ...{ ask: ['db', 'web:80'], code: 'stale-address', says: /\/etc\/hosts of db/ },
  },
  {
    name: 'the way to the resolver is cut',
    set: ({ inside }) => inside('db', 'nft flush ruleset'),
    undo: ({ engine }) => engine.api('POST', '/seaway/doctor/fix'),
    ...{ ask: ['db', 'web:80'], code: 'no-name-server', says: /resolver/ },
  },
  {
    name: 'loopback is down, on which names are asked',
    set: ({ inside }) => inside('db', 'ip link set lo down'),
    undo: (bench) => again(bench, 'db'),
    ...{ ask: ['db', 'web:80'], code: 'link-down', says: /lo/ },
  },
  {
    name: 'the server for other names is silent',
    set: ({ docker }) => docker('run -d --name asks --network app --dns 198.51.100.1 busybox sleep 100000'),
    undo: ({ docker }) => docker('rm -f asks'),
    ...{ ask: ['asks', 'example.com:80'], code: 'no-name-server', says: /198\.51\.100\.1/ },
  },
  {
    name: 'a resolver that stands still',
    set: ({ engine, host }) => host(`kill -STOP $(cat ${engine.folder}/run/resolver.pid)`),
    undo: ({ engine, host }) => host(`kill -CONT $(cat ${engine.folder}/run/resolver.pid)`),
    ...{ ask: ['db', 'web:80'], code: 'no-name-server', says: /resolver/ },
  },
];
