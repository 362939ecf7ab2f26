/** A life of everything, and what both engines tell of it. */
import type { EngineHost } from '../engine-host.ts';
import { comparable } from '../run-flags/compare.ts';
import { type Section, section } from './steps.ts';

/** No two things happen at once: their order would be chance. */
export const life: Section = {
  ...section(
    'events',
    `
    docker network create --label n=1 ev-net; docker volume create --label v=1 ev-volume; docker volume rm ev-volume
    docker create --name ev-0 -v ev-volume:/v --network ev-net busybox sleep 1000
    docker start ev-0; sleep 0.5; docker stop -t 0 ev-0; docker rm -v ev-0; docker volume rm ev-volume
    docker create --name ev-1 -l a=b --network ev-net busybox sleep 1000
    docker start ev-1; docker network disconnect ev-net ev-1; docker network connect bridge ev-1
    docker exec ev-1 sh -c 'exit 3'; docker exec ev-1 nonexistent
    docker pause ev-1; sleep 0.5; docker unpause ev-1; sleep 0.5; docker top ev-1 >/dev/null
    echo hi >file; docker cp file ev-1:/; docker cp ev-1:/file other
    docker export ev-1 >/dev/null; docker commit -m m ev-1 ev-image:1
    docker rename ev-1 ev-2; docker update -m 64m --memory-swap 128m ev-2
    docker attach --no-stdin --sig-proxy=false ev-2 & sleep 0.5; kill -9 $!
    docker restart -t 0 ev-2; sleep 0.5; docker kill -s USR2 ev-2; docker kill ev-2; docker wait ev-2
    docker start ev-2; sleep 0.5; docker stop -t 0 ev-2; docker rm -v ev-2
    docker run --rm --name ev-3 --network none busybox true
    docker network create ev-failed; docker run --name ev-5 --network ev-failed busybox nonexistent; docker rm ev-5; docker network rm ev-failed
    docker run -d --name ev-6 --network none --restart on-failure:1 busybox false; for i in $(seq 100); do case $(docker inspect -f '{{.RestartCount}}{{.State.Status}}' ev-6) in 1exited) break;; esac; sleep 0.1; done; docker rm ev-6
    docker run --name ev-8 --network none -m 16m busybox sh -c 'sh -c "x=a; while :; do x=\\$x\\$x; done"; sleep 1'; docker inspect -f '{{.State.OOMKilled}}' ev-8; docker rm ev-8
    docker tag ev-image:1 ev-image:2; docker rmi ev-image:2; docker save ev-image:1 -o image.tar; docker rmi ev-image:1; docker load -i image.tar; docker rmi ev-image:1
    tar c file | docker import - ev-imported:1; docker rmi ev-imported:1
    docker network rm ev-net
    docker create --name ev-7 --network none busybox; docker network create ev-other; docker container prune -f; docker network prune -f; docker image prune -f
`,
  ),
  alone: true,
};

interface Event {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
  readonly scope: string;
  readonly status?: string;
  readonly from?: string;
}

const told = ({ Type, Action, Actor, scope, status = '', from = '' }: Event): string => {
  const attributes = Object.entries(Actor.Attributes)
    .map(([key, value]) => (key === 'execDuration' ? `${key}=<time>` : `${key}=${value}`))
    .sort();
  return comparable(`${Type} ${Action} ${Actor.ID} ${attributes.join(' ')} ${scope} ${status} ${from}`, []);
};

/** What the engine tells of that time (milliseconds since 1970), a list for each type of thing. */
export async function eventsOf(
  engine: EngineHost,
  time: { readonly since: number; readonly until: number },
): Promise<Readonly<Record<string, readonly string[]>>> {
  const seconds = (at: number): string => (at / 1000).toFixed(3);
  const path = `/v1.41/events?since=${seconds(time.since)}&until=${seconds(time.until)}`;
  const { text } = await engine.api('GET', path);
  const events = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Event);
  const lists: Record<string, string[]> = {};
  for (const event of events) {
    const list = lists[event.Type] ?? [];
    lists[event.Type] = list;
    const line = told(event);
    // Docker tells of a container that the user disconnects twice
    if (event.Type !== 'network' || list.at(-1) !== line) list.push(line);
  }
  return lists;
}
