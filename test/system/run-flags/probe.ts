/** What a container sees of itself: the script that it runs, and its output made comparable. */
import { readlinkSync } from 'node:fs';

const files = (prefix: string, names: string): string =>
  `cd ${prefix} && for f in ${names}; do [ -e $f ] && sed "s|^|$f |" $f; done; cd /`;

const sections: Readonly<Record<string, string>> = {
  cwd: 'pwd',
  identity: 'id; grep -E "^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp|SigIgn|SigBlk)" /proc/self/status',
  env: 'env',
  hostname: 'hostname; cat /proc/sys/kernel/domainname',
  limits: 'cat /proc/self/limits',
  mounts: 'cat /proc/self/mountinfo',
  devices: `ls -l /dev /dev/other 2>&1 | sed 's/[A-Z][a-z][a-z] [ 0-9][0-9] .[0-9:]* //'`,
  namespaces: 'for n in cgroup ipc mnt net pid user uts; do readlink /proc/self/ns/$n; done',
  cgroups: files(
    '/sys/fs/cgroup',
    [
      ...['limit_in_bytes', 'soft_limit_in_bytes', 'memsw.limit_in_bytes', 'swappiness', 'oom_control'].map(
        (name) => `memory/memory.${name}`,
      ),
      ...['shares', 'cfs_quota_us', 'cfs_period_us', 'rt_runtime_us'].map((name) => `cpu/cpu.${name}`),
      ...['cpuset/cpuset.cpus', 'cpuset/cpuset.mems', 'pids/pids.max', 'devices/devices.list'],
      ...['weight', 'bfq.weight', 'throttle.read_bps_device', 'throttle.write_bps_device'].map(
        (name) => `blkio/blkio.${name}`,
      ),
      ...['throttle.read_iops_device', 'throttle.write_iops_device'].map((name) => `blkio/blkio.${name}`),
    ].join(' '),
  ),
  processes: 'cat /proc/self/oom_score_adj /proc/1/comm',
  sysctls: files(
    '/proc/sys',
    [
      ...['ip_forward', 'ip_unprivileged_port_start', 'ping_group_range', 'ip_local_port_range'].map(
        (name) => `net/ipv4/${name}`,
      ),
      ...['net/ipv6/conf/all/disable_ipv6', 'kernel/shmmax', 'kernel/msgmax', 'fs/mqueue/msg_max'],
    ].join(' '),
  ),
  files: 'cat /etc/resolv.conf /etc/hosts /etc/hostname',
};

/** Prints each section below a line with its name; ends with 0 whatever could be read. */
export const probe = `{ ${Object.entries(sections)
  .map(([name, command]) => `echo "== ${name}"; ${command};`)
  .join('\n')} } 2>&1; true`;

/** `net:[4026531840]` is the machine's or another. */
function namespace(line: string): string {
  const kind = line.split(':')[0] ?? '';
  if (!/^[a-z]+:\[\d+\]$/.test(line)) return line;
  return line === readlinkSync(`/proc/self/ns/${kind}`) ? `${kind} of the machine` : `${kind} of its own`;
}

/** Of files and folders of the host only what the engine decides; the file system they lie on is no matter. */
const isOfHost = (root: string, source: string): boolean =>
  root !== '/' && !['proc', 'sysfs'].includes(source);

/**
 * A line of mountinfo (proc(5)) without numbers, and without where engines keep their files. What a mount
 * passes on and gets is told of `/shared` only: of the rest it depends on the machine's own mounts.
 */
function mount(line: string): string {
  const [left = '', right = ''] = line.split(' - ');
  const [, , , root = '', point = '', options = '', ...tags] = left.split(' ');
  const [type = '', source = '', superOptions = ''] = right.split(' ');
  const marks = point === '/shared' ? `[${tags.map((tag) => tag.split(':')[0]).join(' ')}]` : '';
  if (point === '/') return `/ ${type} ${options}`;
  if (isOfHost(root, source)) return `${point} ${options} ${marks} from ${root.split('/').at(-1)}`;
  return `${point} ${type} ${source} ${options} ${marks} ${superOptions}`;
}

const normalisers: Readonly<Record<string, (line: string) => string>> = {
  namespaces: namespace,
  mounts: mount,
};

/** The output as its sections; what is no probe's output is one section, `output`. */
export function sectionsOf(stdout: string): Readonly<Record<string, readonly string[]>> {
  const found: Record<string, string[]> = {};
  if (stdout === '') return found;
  let section: string[] = [];
  let normalise = (line: string): string => line;
  const begin = (name: string): void => {
    section = [];
    found[name] = section;
    normalise = normalisers[name] ?? ((line) => line);
  };
  if (!stdout.startsWith('== ')) begin('output');
  for (const line of stdout.replace(/\n$/, '').split('\n')) {
    if (line.startsWith('== ')) begin(line.slice(3).trim());
    else section.push(normalise(line.trimEnd()));
  }
  return found;
}
