/**
 * What users do with containers, images, networks and volumes after `docker run`: shell lines, a section after
 * the other, each in its own folder and with names of its own.
 */

export interface Section {
  readonly name: string;
  /** Nothing else may run meanwhile: it looks at all there is, or removes it. */
  readonly alone?: true;
  readonly lines: readonly string[];
}

/** A line a step; blanks around them do not count. */
export const section = (name: string, lines: string): Section => ({
  name,
  lines: lines
    .trim()
    .split('\n')
    .map((line) => line.trim()),
});

/** Many values of one filter. */
const filtered = (command: string, filters: string): string =>
  filters
    .trim()
    .split(/\s+/)
    .map((filter) => `${command} --filter ${filter}`)
    .join('\n');

const listing =
  "docker ps -a --filter name=ps- --format '{{.Names}}|{{.State}}|{{.Status}}|{{.Image}}|{{.Command}}|{{.Labels}}|{{.Mounts}}|{{.Networks}}|{{.LocalVolumes}}'";

const ps = section(
  'ps',
  `
  docker create --name ps-1 -l a=b busybox sleep 1
  docker run -d --name ps-2 -l c=d -p 127.0.0.1:28111:8080 --expose 70 -v ps-volume:/vol busybox sleep 1000
  docker run --name ps-3 busybox sh -c 'exit 5'
  docker run -d --name ps-4 --health-cmd true --health-interval 50ms busybox sleep 1000
  sleep 1; docker pause ps-4
  ${filtered(
    listing,
    `id=xx name=s-2 name=^/ps-1$ label=a label=a=b label=a=x status=running status=exited status=created status=paused
    status=nonsense exited=5 exited=6 ancestor=busybox ancestor=nothing before=ps-3 since=ps-1 volume=ps-volume
    volume=/vol volume=nothing network=bridge network=nothing publish=28111 publish=8080 publish=28000-29000/tcp
    expose=8080 expose=70 expose=8080-8081/tcp health=none health=healthy is-task=true nonsense=1`,
  )}
  docker ps -a --filter name=ps- --filter status=exited --filter status=created --format '{{.Names}}'
  docker ps --filter name=ps- --no-trunc --format '{{.Names}} {{.Ports}} {{.Command}}'
  docker ps -as --filter name=ps-3 --format '{{.Size}}'
  docker rm -fv ps-1 ps-2 ps-3 ps-4
  docker volume rm ps-volume
`,
);

const life = section(
  'life',
  `
  docker create --name life-1 busybox sh -c 'trap "exit 3" TERM; while :; do sleep 0.1; done'
  docker run --name life-3 busybox sh -c 'exit 5'
  docker start life-1 life-nothing
  docker start life-1
  docker pause life-1
  docker pause life-1
  docker pause life-3
  docker exec life-1 true
  docker unpause life-1
  docker unpause life-1
  docker exec life-3 true
  docker kill life-3
  docker kill life-nothing
  docker kill -s NONSENSE life-1
  docker restart -t 1 life-1
  docker restart life-nothing
  docker rename life-1 life-3
  docker rename life-1 life-1
  docker rename life-1 -wrong
  docker rename life-1 life-2
  docker rename life-nothing x
  docker port life-2 80
  docker port life-nothing
  docker stop -t 5 life-2
  docker stop life-2
  docker stop life-nothing
  docker wait life-2
  docker wait life-2 life-3
  docker wait life-nothing
  docker inspect -f '{{.State.Status}} {{.State.ExitCode}} {{.State.OOMKilled}} {{.RestartCount}}' life-2 life-3
  docker start life-2
  (docker wait life-2 & sleep 0.3; docker kill -s TERM life-2; wait) | sort
  docker start life-2
  (docker wait life-2 & sleep 0.3; docker rm -f life-2; wait) | sort
  docker start -a life-3
  docker start -a life-3 life-nothing
  docker run -d --name life-4 busybox sleep 1000
  docker pause life-4
  docker rm life-4
  docker stop -t 0 life-4
  docker start life-4
  docker rm life-4
  docker pause life-4
  docker rm -f life-4
  docker rm -f life-nothing
  docker rm life-nothing
  docker attach life-nothing
  docker attach life-3
  docker logs life-nothing
  docker logs life-3
  docker rm life-3
  docker run --rm --name life-5 busybox sh -c 'exit 9'
  docker run -d --name life-6 --restart on-failure:2 busybox sh -c 'exit 4'
  docker wait life-6; sleep 8; docker inspect -f '{{.RestartCount}} {{.State.Status}}' life-6
  docker rm -f life-6
  docker run -d --rm --name life-7 busybox sleep 1000
  docker restart -t 0 life-7
  docker stop -t 0 life-7; sleep 1
  docker container inspect life-7
`,
);

const limits = section(
  'update, top, stats',
  `
  docker run -d --name up-1 -m 32m --memory-swap 64m busybox sleep 1000
  docker create --name up-2 busybox
  docker update -m 48m up-1
  docker update -m 128m up-1
  docker update -m 128m --memory-swap 256m up-1
  docker update --cpus 0.5 up-1
  docker update --cpu-quota 1000 up-1
  docker update --pids-limit 77 --cpu-shares 300 up-1 up-2
  docker update --restart always up-1
  docker update --restart nonsense up-1
  docker update --restart no up-1
  docker update up-1
  docker update --cpus 1 up-nothing
  docker update -m 1m up-1
  docker update --cpuset-cpus 99 up-1
  docker inspect -f '{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.NanoCpus}} {{.HostConfig.RestartPolicy.Name}} {{.HostConfig.PidsLimit}} {{.HostConfig.CpuShares}}' up-1 up-2
  docker exec up-1 sh -c 'cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes memory/memory.memsw.limit_in_bytes pids/pids.max cpu/cpu.shares cpu/cpu.cfs_quota_us 2>&1'
  docker update --cpu-quota -1 up-1
  docker exec up-1 cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us
  docker top up-1 -o comm,args,pid | awk '{print $1, $2, $3}'
  docker top up-2
  docker top up-nothing
  docker top up-1 nonsense
  docker top up-1 -o comm
  docker stats --no-stream --format '{{.Name}} {{.PIDs}}' up-1
  docker stats --no-stream --format '{{.Name}} {{.PIDs}} {{.MemUsage}} {{.CPUPerc}}' up-2
  docker stats --no-stream up-nothing
  docker rm -f up-1 up-2
`,
);

const exec = section(
  'exec',
  `
  docker run -d --name exec-1 -e BASE=1 -u nobody -w /tmp busybox sleep 10000
  docker exec exec-1 sh -c 'id; pwd; env; grep -E "^(Cap|NoNew|Seccomp|Groups)" /proc/self/status; tty'
  docker exec -u 0 exec-1 sh -c 'id; grep -E "^(Cap|NoNew|Seccomp)" /proc/self/status'
  docker exec -u root:nogroup exec-1 id
  docker exec -u 5:6 exec-1 id
  docker exec -u nobody-there exec-1 id
  docker exec -u root:nothing exec-1 id
  docker exec -w /etc exec-1 pwd
  docker exec -w relative exec-1 pwd
  docker exec -w /missing/dir exec-1 pwd
  docker exec -e A=1 -e BASE=3 exec-1 env
  printf 'EF=1\\nBASE=2\\n' >env; docker exec --env-file env exec-1 env
  docker exec --env-file missing exec-1 env
  docker exec exec-1 nonexistent
  docker exec exec-1 /etc
  docker exec exec-1 /etc/passwd
  docker exec exec-1 sh -c 'exit 42'
  docker exec exec-1 sh -c 'kill -9 $$'
  docker exec exec-nothing true
  docker exec -d exec-1 sh -c 'exit 3'
  docker exec -d exec-1 nonexistent
  docker exec -t exec-1 tty
  docker exec -t exec-1 sh -c 'echo $TERM'
  docker exec -it exec-1 tty
  echo input | docker exec -i exec-1 cat
  echo input | docker exec exec-1 cat
  docker exec exec-1 sh -c 'echo out; echo err >&2'
  head -c 1000000 /dev/zero | docker exec -i exec-1 sh -c 'cat | wc -c'
  docker exec exec-1 sh -c 'head -c 3000000 /dev/zero' | wc -c
  for i in $(seq 40); do docker exec exec-1 sh -c "echo $i; head -c 5000 /dev/zero | tr '\\\\0' x; exit $((i % 3))" | wc -c; done | sort | uniq -c
  docker pause exec-1; docker exec exec-1 true; docker unpause exec-1
  docker exec -d exec-1 sleep 5; docker inspect -f '{{len .ExecIDs}}' exec-1
  docker run -d --name exec-2 --security-opt no-new-privileges --cap-drop ALL --read-only busybox sleep 10000
  docker exec exec-2 sh -c 'grep -E "^(Cap|NoNew|Seccomp)" /proc/self/status'
  docker create --name exec-3 busybox; docker exec exec-3 true
  docker rm -f exec-1 exec-2 exec-3
`,
);

export const besideEachOther: readonly Section[] = [ps, life, limits, exec];
