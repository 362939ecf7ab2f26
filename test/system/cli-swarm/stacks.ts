/** Compose files that both clients are given, by their names in a folder of the test. */

const full = `version: "3.8"
services:
  web:
    image: nginx:1
    command: ["a", "b c"]
    entrypoint: ep "x y"
    environment:
      - A=1
      - B
      - HOME
    ports:
      - "8080:80"
      - 9000-9001:90-91/udp
      - 70
      - target: 5
        published: 6
        mode: host
        protocol: tcp
    networks:
      front:
        aliases: [w]
      default:
    volumes:
      - ./rel:/r:ro
      - data:/d:nocopy
      - /anon
      - type: tmpfs
        target: /t
        tmpfs: {size: 1000}
    secrets:
      - key
      - source: pw
        target: /x
        mode: 0440
    configs: [conf]
    deploy:
      replicas: 2
      labels: {a: b, n: 5}
      resources:
        limits: {cpus: '0.5', memory: 64M}
      update_config: {parallelism: 2, delay: 10s, order: start-first}
      restart_policy: {condition: on-failure, max_attempts: 3}
      placement:
        constraints: [node.role==worker]
        preferences: [{spread: node.labels.z}]
    healthcheck:
      test: curl x
      interval: 1m30s
      retries: 3
    extra_hosts: ["a:1.2.3.4", "b=[::1]"]
    ulimits: {nproc: 5, nofile: {soft: 1, hard: 2}}
    logging: {driver: json-file, options: {max-size: 1m, n: 5}}
    stop_grace_period: 20s
    sysctls: [net.a=1]
    labels: [x=y, z]
    x-own: {k: [1, two]}
networks:
  front:
    driver: overlay
    ipam: {config: [{subnet: 10.1.0.0/24}]}
    labels: [q]
volumes:
  data: {driver: local, driver_opts: {o: 5}}
secrets:
  key: {external: true}
  pw: {file: ./pw}
configs:
  conf: {file: ./conf, name: other}
x-top: 1
`;

/** With what the recording engine has of the stack `shop`. */
const shop = `
services:
  full:
    image: busybox
    networks: [default, lan]
  more:
    image: busybox:\${TAG:-1}
    restart: on-failure:3
    networks: {default: {aliases: [x]}, front: }
    secrets: [pw, {source: key, target: k, uid: "1"}]
    configs: [conf]
networks:
  lan: {external: true, name: host}
  front: {external: true}
secrets:
  pw: {file: ./pw}
  key: {external: true}
configs:
  conf: {file: ./pw, template_driver: golang}
`;

const job = `
services:
  a: {image: x, deploy: {mode: global-job}}
  b: {image: y, deploy: {mode: replicated-job, replicas: 3}}
  c:
    image: z
    deploy:
      mode: global
      endpoint_mode: dnsrr
      rollback_config: {parallelism: 0, failure_action: pause, monitor: 1m, max_failure_ratio: 0.5}
      resources:
        limits: {pids: 5}
        reservations: {cpus: "1", memory: 1g, generic_resources: [{discrete_resource_spec: {kind: gpu, value: 2}}]}
    healthcheck: {disable: true}
    cap_add: [net_admin]
    cap_drop: [ALL]
    dns: 1.1.1.1
    init: true
    tty: true
    stdin_open: true
    read_only: true
    user: me
    working_dir: /w
    hostname: h
    stop_signal: INT
    isolation: i
`;

const first = `
version: "3.8"
services:
  a:
    image: x
    command: a b
    ports: ["80:80", "90:90"]
    environment: {A: 1, B: 2}
    volumes: ["vv:/x"]
    networks: [n1]
    logging: {driver: j, options: {a: 1}}
    deploy: {replicas: 1, labels: {x: "y"}}
    dns: [1.1.1.1]
    secrets: [s1]
    ulimits: {core: 1}
volumes: {vv: {driver: d}}
networks: {n1: {}}
`;

const second = `
version: "3.8"
services:
  a:
    command: c
    ports: ["80:81", "70:7"]
    environment: {B: 3, C: 4}
    volumes: ["ww:/x", "/q"]
    networks: {n1: {aliases: [b]}, n2: }
    logging: {options: {b: 2}}
    deploy: {replicas: 5, labels: {z: w}, placement: {constraints: [q]}}
    dns: [2.2.2.2]
    secrets: [{source: s1, target: t}, s0]
    ulimits: {core: 2}
    healthcheck: {test: x}
  b: {image: "y"}
volumes: {vv: {labels: {a: b}}, ww: }
`;

const anchors = `
x-base: &base
  image: x
  tty: true
services:
  a: {<<: *base, hostname: "\${X:-h}", command: echo $$HOME, deploy: {replicas: "\${N:-3}"}}
`;

const broken: Readonly<Record<string, string>> = {
  image: 'services: {a: {image: 5}}',
  field: 'services: {a: {odd: 5}}',
  top: 'odd: 1',
  ports: 'services: {a: {image: x, ports: x}}',
  port: 'services: {a: {image: x, ports: ["80:x"]}}',
  replicas: 'services: {a: {image: x, deploy: {replicas: x}}}',
  delay: 'services: {a: {image: x, deploy: {update_config: {delay: x}}}}',
  version: 'version: "2"',
  old: 'services: {a: {image: x, volumes_from: [y], cpuset: "0"}}',
  variable: `services: {a: {image: "\${X"}}`,
  required: `services: {a: {image: "\${X:?nope}"}}`,
  list: '[]',
  network: 'services: {a: {image: x, networks: [nothere]}}',
  external: 'services: {a: {image: x, networks: [e]}}\nnetworks: {e: {external: true}}',
  local: 'services: {a: {image: x, networks: [lan]}}\nnetworks: {lan: {external: true}}',
  secret: 'services: {a: {image: x, secrets: [nothere]}}',
  volume: 'services: {a: {image: x, volumes: ["vol:/x"]}}',
  imageless: 'services: {a: {tty: true}}',
  mode: 'services: {a: {image: x, deploy: {mode: global, replicas: 2}}}',
  unsupported: 'services: {a: {image: x, links: [b], build: "./b", container_name: c, expose: [80]}}',
};

export const files: Readonly<Record<string, string>> = {
  'full.yml': full,
  'shop.yml': shop,
  'job.yml': job,
  'first.yml': first,
  'second.yml': second,
  'anchors.yml': anchors,
  pw: 'hush',
  conf: 'configured',
  ...Object.fromEntries(Object.entries(broken).map(([name, text]) => [`broken-${name}.yml`, text])),
};

/** `%d` is the folder. */
export const stackLines: readonly string[] = [
  'stack config -c %d/full.yml',
  'stack config -c %d/first.yml -c %d/second.yml',
  'stack config -c %d/anchors.yml',
  'stack config --skip-interpolation -c %d/full.yml',
  'stack config',
  'stack config -c %d/nothere.yml',
  'stack deploy -c %d/full.yml new',
  'stack deploy -d -c %d/shop.yml shop',
  'stack deploy -d --prune --resolve-image changed -c %d/shop.yml shop',
  'stack deploy -d --resolve-image never --with-registry-auth -c %d/shop.yml shop',
  'stack deploy -d -c %d/job.yml new',
  'stack deploy -d -c %d/first.yml,%d/second.yml new',
  'stack deploy -d -c %d/anchors.yml new',
  'stack deploy -d --resolve-image odd -c %d/anchors.yml new',
  'stack deploy new',
  "stack deploy -c %d/anchors.yml ' '",
  'stack ls',
  'stack ls --format json',
  'stack ps shop',
  'stack ps -q --no-trunc shop',
  'stack ps nothere',
  'stack services shop',
  'stack services -q -f name=f shop',
  'stack services nothere',
  'stack rm shop',
  'stack rm -d nothere',
  'stack down other nothere',
  ...Object.keys(broken).map((name) => `stack deploy -d -c %d/broken-${name}.yml new`),
];
