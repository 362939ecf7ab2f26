/** `seaway` asks an engine for what the docker CLI asks for, flag by flag. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingClient, type Program, run, wordsOf } from './cli-harness.ts';

const missing = missingClient();
const title = 'requests of seaway beside docker’s';

const lines = [
  'create busybox',
  'create -it busybox sh',
  'create --name x -h host --domainname dom -u me -w /w --entrypoint ep -e A=1 -e HOME -e NOT_SET_ANYWHERE busybox cmd -x --y',
  'create -v /a:/b:ro -v vol:/c -v /anon --tmpfs /t:size=1m --tmpfs /u --read-only --volumes-from q:ro --volume-driver vd busybox',
  'create -v ./rel:/d busybox',
  'create --mount type=bind,src=/x,dst=/y,readonly --mount type=tmpfs,dst=/tmp,tmpfs-size=1m,tmpfs-mode=1777 --mount type=volume,src=v,dst=/v,volume-nocopy,volume-opt=a=b busybox',
  'create --cap-add NET_ADMIN --cap-add sys_time --cap-drop all --privileged --security-opt no-new-privileges --security-opt seccomp=unconfined --security-opt systempaths=unconfined busybox',
  'create --device /dev/null --device /dev/zero:/dev/z:rw --device-cgroup-rule "c 1:3 mr" --gpus all busybox',
  'create --device vendor.com/class=name busybox',
  'create --ulimit nofile=1:2 --ulimit core=0 --sysctl net.a=1 --init --restart on-failure:3 --stop-signal TERM --stop-timeout 3 busybox',
  'create --memory 64m --memory-swap -1 --memory-reservation 1m --memory-swappiness 4 --cpus 1.5 --cpuset-cpus 0 --cpu-shares 3 --cpu-period 4 --cpu-quota 5 --pids-limit 10 --shm-size 1m --oom-score-adj 5 --oom-kill-disable busybox',
  'create --blkio-weight 20 --blkio-weight-device /dev/vda:30 --device-read-bps /dev/vda:1m --device-write-iops /dev/vda:5 busybox',
  'create --pid host --ipc host --uts host --userns host --cgroupns host --cgroup-parent cp --runtime runc --isolation default busybox',
  'create --label a=b --label c --log-driver json-file --log-opt max-size=1m --annotation x=y --group-add 5 --storage-opt size=1G busybox',
  'create --health-cmd true --health-interval 1s --health-retries 3 --health-timeout 2s --health-start-period 1m --health-start-interval 4s busybox',
  'create --no-healthcheck -a stdin busybox',
  'create --add-host a:1.2.3.4 --add-host b=[::1] --add-host h:host-gateway --dns 1.1.1.1 --dns-search x --dns-option ndots:1 busybox',
  'create -p 80:80 -p 127.0.0.1::90/udp -p 1000-1001:2000-2001 -p [::1]:5:6 -p 7 -p 8000-8010:81 -P --expose 55-56/udp busybox',
  'create --network n1 --link c:d --network-alias al --ip 10.0.0.2 --ip6 fd00::2 --link-local-ip 169.254.1.1 --mac-address 02:42:ac:11:00:02 busybox',
  'create --network name=n1,alias=a,alias=b,ip=10.0.0.1,driver-opt=k=v,gw-priority=3,ip6=fd00::1,mac-address=02:42:ac:11:00:03 --network n2 busybox',
  'create --network host busybox',
  'create --network bridge busybox',
  'create --net container:abc busybox',
  'create --link a:b busybox',
  'network create n',
  'network create -d macvlan --subnet 10.0.0.0/24 --gateway 10.0.0.1 --ip-range 10.0.0.128/25 --aux-address a=10.0.0.5 --label a=b -o parent=x n',
  'network create --ipv6 --ipv4=false --internal --attachable --subnet fd00::/64 n',
  'network create --config-only n',
  'network create --config-from c n',
  'network connect n c',
  'network connect --ip 1.2.3.4 --alias x --link a:b --driver-opt a=b --gw-priority 4 n c',
  'network disconnect -f n c',
  'network prune -f --filter until=1h',
  'volume create',
  'volume create -d local -o type=tmpfs --label a=b v',
  'volume rm -f v',
  'stop -t 0 c',
  'restart --signal HUP c',
  'kill -s HUP c',
  'pause c',
  'rm -fv c',
  'rename a b',
  'commit -p=false -c "CMD x" -a me -m hi c r:t',
  'tag a/b c.d/e:f',
  'rmi -f --no-prune foo',
  'container prune -f --filter until=1h --filter label=a',
  'update --memory 5m --restart always --cpus 2 c',
];

interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, readonly string[]>>;
  readonly body: unknown;
}

const isNothing = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === '' ||
  value === 0 ||
  value === false ||
  (Array.isArray(value) && value.length === 0) ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/** Nothing in many forms is still nothing: docker sends whole structs, we what was asked. */
function meaning(value: unknown, key = ''): unknown {
  // An empty list unmasks all of /proc; its absence masks what is usual.
  if (key === 'MaskedPaths' || key === 'ReadonlyPaths') return JSON.stringify(value);
  // docker keeps variables and volumes in maps for a while: their order is chance.
  if ((key === 'Env' || key === 'Binds') && Array.isArray(value)) return [...value].sort();
  if (Array.isArray(value)) return value.map((item: unknown) => meaning(item));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]): [string, unknown] => [
    name,
    meaning(inner, name),
  ]);
  // Which networks are named matters, also when nothing is said about them.
  if (key === 'EndpointsConfig') return Object.fromEntries(entries);
  return Object.fromEntries(entries.filter(([, inner]) => !isNothing(inner)));
}

function requestOf(message: IncomingMessage, text: string): Request {
  const url = new URL(message.url ?? '/', 'http://engine');
  const keys = [...new Set(url.searchParams.keys())];
  return {
    method: message.method ?? '',
    path: url.pathname,
    query: Object.fromEntries(keys.map((key) => [key, url.searchParams.getAll(key)])),
    body: text === '' ? undefined : meaning(JSON.parse(text)),
  };
}

describe.skipIf(missing !== undefined)(
  missing === undefined ? title : `${title} (skipped: ${missing})`,
  () => {
    let server: Server | undefined;
    let folder = '';
    let requests: Request[] = [];

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'seaway-cli-'));
      const listening = createServer((message, response) => {
        const chunks: Buffer[] = [];
        message.on('data', (chunk: Buffer) => chunks.push(chunk));
        message.on('end', () => {
          const request = requestOf(message, Buffer.concat(chunks).toString());
          if (request.path !== '/_ping') requests.push(request);
          response.setHeader('Api-Version', '1.50');
          response.setHeader('Ostype', 'linux');
          response.end(request.method === 'DELETE' ? '[]' : '{"Id":"x","Name":"x"}');
        });
      });
      server = listening;
      await new Promise<void>((resolve) => listening.listen(join(folder, 'engine.sock'), resolve));
    });

    afterAll(async () => {
      server?.close();
      if (folder !== '') await rm(folder, { recursive: true, force: true });
    });

    async function requestsOf(program: Program, words: readonly string[]): Promise<Request[]> {
      requests = [];
      await run(program, words, { host: `unix://${folder}/engine.sock` });
      return requests;
    }

    it.each(lines)('%s', async (line) => {
      const theirs = await requestsOf('docker', wordsOf(line));
      const ours = await requestsOf('seaway', wordsOf(line));
      expect(theirs.length).toBeGreaterThan(0);
      expect(ours).toEqual(theirs);
    });
  },
);
