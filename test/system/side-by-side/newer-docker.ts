/** Differences because Seaway follows Docker 28, where that is not what Docker 20.10 did. */
import { besides, nothing, type Reason, said, sameButHostNames } from './reason.ts';

/** What older Dockers say, and Docker 28. */
const newerWords: readonly (readonly [RegExp, string])[] = [
  [
    /(?<=daemon: )(?=no available IPv4|cannot create endpoint|driver failed|network (?:missing|gone) not)/,
    'failed to set up container networking: ',
  ],
  [/(?<=daemon: )(?=No such container: missing)/, 'joining network namespace of container: '],
  [/(?<=daemon: )(?=Pool overlaps)/, 'invalid pool request: '],
  [
    /container cannot be disconnected from host network or connected to host network/,
    'cannot disconnect container from host network - container was created in host network mode',
  ],
  [
    /cannot join network of a non running container: <stopped>/,
    'cannot join network namespace of a non running container: container stopped is created',
  ],
  [
    /Error starting userland proxy: listen tcp4 192.0.2.99:8099: bind:/,
    'failed to bind host port for 192.0.2.99:8099:172.17.0.20:80/tcp:',
  ],
];

/** Seaway follows Docker 28 (API 1.50), where that is not what Docker 20.10 did. */
export const newerDocker: readonly Reason[] = [
  {
    what: '`EnableIPv4`, `DNSNames` and `GwPriority` are there',
    why: 'They came with API 1.44 to 1.48.',
    place: /\.(EnableIPv4|GwPriority|DNSNames)$/,
    docker: nothing,
  },
  {
    what: "`Aliases` is without the container's short id",
    why: 'Since API 1.45 it is in `DNSNames` instead, and `Aliases` is what was asked for.',
    place: /\.Aliases$/,
    agree: besides(/^<.*>$/),
  },
  {
    what: 'IPv6 addresses on the default bridge are drawn in order',
    why: 'As in newer Dockers and on other networks; Docker 20.10 derives them from the MAC address.',
    place: /^(networks\.bridge|containers\.boxed)\./,
    agree: (docker, seaway) => {
      const derived = /2001:db8:50::242:[0-9a-f:]*[0-9a-f]/g;
      if (docker === '' || seaway === '') return /"2001:db8:50::(2|242:.*)"/.test(docker + seaway);
      return derived.test(docker) && sameButHostNames(docker.replace(derived, '2001:db8:50::2'), seaway);
    },
  },
  {
    what: 'Several macvlan networks share a parent',
    why: 'As in newer Dockers, except where one of them is in mode passthru.',
    place: /^commands\.network create -d macvlan .* odd13\./,
  },
  {
    what: 'More is said of what failed',
    why: "Docker 28's words.",
    place: said,
    agree: (docker, seaway) =>
      newerWords.reduce((text, [from, to]) => text.replace(from, to), docker) === seaway,
  },
  {
    what: 'A bridge with IPv6 keeps the link-local address that the kernel gives',
    why: 'As in Docker 28.',
    place: /^networks\.bridge\.addresses\.fe80::/,
    docker: nothing,
  },
  {
    what: 'A network without a name is told so',
    why: "Docker 28's words.",
    place: /^commands\.network create ''\.stderr$/,
    seaway: /name is empty/,
  },
  {
    what: 'A network in use names its endpoints',
    why: "Docker 28's words.",
    place: said,
    docker: /has active endpoints/,
    seaway: /has active endpoints \(name:/,
  },
  {
    what: 'Errors begin with a small letter',
    why: "Docker 28's words.",
    place: said,
    agree: (docker, seaway) => docker.replace(/: Invalid /, ': invalid ') === seaway,
  },
  {
    what: 'Joining the host network says how it could be had',
    why: "Docker 28's words.",
    place: said,
    docker: /connected to host network/,
    seaway: /container must be created in host network mode/,
  },
];
