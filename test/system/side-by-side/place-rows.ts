/** Several networks, published ports, and the lists of it all. */
import { type Combination, run } from './combination.ts';

export const several: readonly Combination[] = [
  {
    title: 'a second network',
    commands: [
      'network create --subnet 10.11.0.0/24 beta',
      'network create --subnet 10.12.0.0/24 alpha',
      run('--name multi1 --network beta'),
      'network connect alpha multi1',
      'network connect --alias nick --ip 10.12.0.50 alpha sub1',
    ],
    also: { containers: ['sub1'] },
  },
  {
    title: 'a network that is left',
    commands: ['network disconnect beta multi1', 'network disconnect alpha sub1'],
    also: { networks: ['alpha', 'beta'], containers: ['multi1', 'sub1'] },
  },
  {
    title: 'a network joined before the start',
    commands: [
      'network create --subnet 10.14.0.0/24 yard',
      'create --name multi2 busybox sleep 1000',
      'network connect yard multi2',
      'start multi2',
    ],
  },
  { title: 'a restart', commands: ['restart -t 0 multi2'], also: { containers: ['multi2'] } },
  {
    title: 'a link with a connection',
    commands: ['network connect --link sub1:friend alpha own1', 'network connect --alias own yard own1'],
    also: { networks: ['alpha', 'yard'], containers: ['own1'] },
  },
  {
    title: 'a way out beside an internal network',
    commands: ['network connect sub inner1'],
    also: { containers: ['inner1'] },
  },
  {
    title: 'a link-local address',
    commands: [run('--name local1 --network sub --link-local-ip 169.254.7.7')],
  },
  {
    title: 'a second network with IPv6',
    commands: ['network connect --ip6 2001:db8:2::77 dual pair1'],
    also: { networks: ['dual'], containers: ['pair1'] },
  },
  {
    title: 'a network left and joined again',
    commands: [
      'network create --subnet 10.15.0.0/24 again',
      run('--name again1 --network again'),
      'network disconnect again again1',
      'network connect again again1',
    ],
  },
];

export const lives: readonly Combination[] = [
  {
    title: 'made and not started',
    commands: ['create --name made1 --network sub --ip 10.1.0.200 --network-alias made busybox true'],
    also: { networks: ['sub'] },
  },
  { title: 'stopped', commands: ['stop -t 0 pair2'], also: { networks: ['pair'], containers: ['pair2'] } },
  { title: 'started again', commands: ['start pair2'], also: { networks: ['pair'], containers: ['pair2'] } },
  {
    title: 'renamed',
    commands: ['rename pair2 pair3'],
    also: { networks: ['pair'], containers: ['pair3'] },
  },
  {
    title: 'paused',
    commands: ['pause pair3'],
    also: { containers: ['pair3'] },
  },
  { title: 'continued', commands: ['unpause pair3', 'restart -t 0 pair3'], also: { containers: ['pair3'] } },
];

export const ports: readonly Combination[] = [
  {
    title: 'published ports in every form',
    commands: [
      run('--name pub1 -p 8010:80 -p 127.0.0.1:8011:81 -p 8012:82/udp -p 8013-8014:83-84'),
      'port pub1',
      'port pub1 80',
    ],
  },
  {
    title: 'ports on a network with IPv6',
    commands: [run('--name pub2 --network dual -p 8020:80 -p [2001:db8:51::2]:8021:81'), 'port pub2'],
  },
  {
    title: 'exposed ports that are not published',
    commands: [run('--name pub3 --expose 80 --expose 90/udp')],
  },
  {
    title: 'all that is exposed',
    commands: [run('--name pub7 -P --expose 80 --expose 90/udp')],
  },
  {
    title: 'a port that the engine chooses',
    commands: [run('--name pub8 -p 80 -p 127.0.0.1::81')],
  },
  {
    title: 'ports on an internal network',
    commands: [run('--name pub4 --network inner -p 8030:80'), 'port pub4'],
  },
  {
    title: 'ports on the network of the host',
    commands: [run('--name pub5 --network host -p 8040:80'), 'port pub5'],
  },
  { title: 'a port that is taken', commands: [run('--name pub6 -p 8010:80'), 'rm -f pub6'] },
];

export const lists: readonly Combination[] = [
  {
    title: 'the lists of networks',
    commands: [
      ...[
        '',
        'driver=macvlan',
        'driver=host',
        'name=mac',
        'label=a',
        'label=a=b',
        'scope=local',
        'scope=swarm',
      ],
      ...['type=builtin', 'type=custom', 'dangling=true', 'dangling=false', 'name=nothing'],
    ].map(
      (filter) =>
        `network ls${filter && ` --filter ${filter}`} --format '{{.Name}} {{.Driver}} {{.Scope}} {{.Internal}} {{.IPv6}} {{.Labels}}'`,
    ),
  },
];
