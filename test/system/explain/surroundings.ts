/** Networks and containers among which faults are set, and pairs of them that are healthy. */

/** `web` serves port 80 on `app` and 8080 of the host, `db` is a neighbour; `six` has both families; `apart` has no icc. */
export const plainSurroundings: readonly string[] = [
  'network create app',
  'network create back',
  'network create -o com.docker.network.bridge.enable_icc=false apart',
  'run -d --name web --network app --network-alias www -p 8080:80 -p 127.0.0.1:8081:80 --cap-add NET_ADMIN busybox httpd -f',
  'run -d --name db --network app --cap-add NET_ADMIN busybox sleep 100000',
  'run -d --name third --network app --cap-add NET_ADMIN busybox sleep 100000',
  'run -d --name far --network back --network-alias distant busybox httpd -f',
  'run -d --name a1 --network apart busybox httpd -f',
  'run -d --name a2 --network apart busybox sleep 100000',
];

/** For the whole bench. */
export const moreSurroundings: readonly string[] = [
  'network create --internal closed',
  'network create --ipv6 --subnet fd00:77::/64 six',
  'run -d --name lone --network closed -p 8085:80 busybox httpd -f',
  'run -d --name near --network closed busybox sleep 100000',
  'run -d --name four --network six busybox httpd -f -p 0.0.0.0:7000',
  'run -d --name s2 --network six busybox sleep 100000',
  'run -d --name looped --network app busybox httpd -f -p 127.0.0.1:7000',
  'run -d --name d1 busybox httpd -f',
  'run -d --name d2 busybox sleep 100000',
  'run -d --name both --network app busybox httpd -f',
  'network connect six both',
  'run -d --name dual --network six -p 8088:80 busybox httpd -f',
  'run -d --name bare --network none busybox sleep 100000',
  'create --name idle --network app busybox httpd -f',
];

export const healthy: readonly (readonly [string, string])[] = [
  ['db', 'web:80'],
  ['db', 'web'],
  ['db', 'www:80'],
  ['web', 'db'],
  ['third', 'web:80'],
  ['near', 'lone:80'],
  ['s2', 'four:7000'],
  ['s2', '[fd00:77::2]'],
  ['s2', 'both:80'],
  ['d2', '172.17.0.2'],
  ['host', 'web:80'],
  ['host', 'far:80'],
  ['host', 'host:8081'],
  ['host', 'host:8080'],
  ['host', 'outside'],
  ['db', 'host'],
  ['db', 'host:8080'],
  ['far', 'host:8080'],
  ['db', 'outside:198.51.100.1'],
  ['a1', 'outside:198.51.100.1'],
  ['outside', 'web:80'],
  ['outside', 'host:8080'],
  ['outside', 'host'],
  ['outside:2001:db8:51::1', '2001:db8:51::2'],
  ['outside:2001:db8:51::1', 'dual:80'],
  ['web', 'web:80'],
  ['db', 'host.docker.internal:8080'],
];
