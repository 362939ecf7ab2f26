/** `seaway` says what the docker CLI says, byte for byte, about the same engine. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { makePluginFolder } from '../plugins/managed/folder.ts';
import { missingClient, must, type Outcome, run, wordsOf } from './cli-harness.ts';
import { openTestEngine } from './engine.ts';

const missing = missingClient();
const title = 'seaway beside docker';

const name = (text: string): string => `cli-parity-${text}`;
const networks = ['n1', 'n10', 'n2'].map(name);

/** Commands that change nothing; `%x` stands for the thing `cli-parity-x`. */
const lists = [
  'ps -a',
  'ps',
  'ps -q',
  'ps -aq --no-trunc',
  'ps -a --no-trunc',
  'ps -as',
  'ps -n 2',
  'ps -l',
  'ps --filter name=%web --filter status=running',
  'container list -a',
  'network ls',
  'network ls --no-trunc',
  'network ls -q --filter driver=bridge',
  'network ls --format json',
  'volume ls',
  'volume ls --format json',
  'volume ls -q --filter label=q',
  'plugin ls',
  'plugin ls --no-trunc',
  'plugin ls -q --filter enabled=false',
  'plugin ls --format json',
  'images',
  'images -q --no-trunc',
  'images --digests',
  'images --format json',
  'history busybox',
  'history --human=false --no-trunc busybox',
  'history --format json busybox',
  'port %web',
  'port %web 80',
  'port %web 9000/udp',
  'port %web 81',
  'top %web',
  'top %web -o pid,args',
  'diff %gone',
  'logs %gone',
  'logs -t --tail 1 %gone',
  'logs --since 1h --until 1s %gone',
  'wait %gone',
  'system df',
  'system df --format json',
  'events --since 1h --until 1s --filter type=network --filter event=create',
  // not `top`: commands beside this one ask for it
  'events --since 1h --until 1s --filter container=%web --filter event=create --filter event=start --format json',
];

const inspections = [
  'inspect %web',
  'inspect %web %n1 %vol busybox',
  'inspect -s %two',
  'container inspect %gone %made',
  'network inspect %n1 bridge host none',
  'volume inspect %vol',
  'plugin inspect %plug %plug:latest',
  'image inspect busybox',
];

const templates: readonly (readonly [string, string])[] = [
  ['ps -a', 'table {{.Names}}\\t{{.Label "a.b-c"}}\\t{{.Ports}}\\t{{json .ID}}'],
  ['ps -a', '{{.Names}}: {{upper .Image}} {{.Command | printf "%-30s"}}|{{.LocalVolumes}} {{.Networks}}'],
  ['ps -a', 'table'],
  ['network ls', '{{.Name}} {{.ID | len}} {{.Internal}}'],
  ['images', '{{.Repository}}:{{.Tag}} {{.Size}}'],
  ['plugin ls', 'table {{.Name}}\\t{{.Enabled}}\\t{{.PluginReference}}'],
  ['plugin inspect %plug', '{{.Settings.Env}} {{json .Config.Mounts}} {{.Config.Interface.Types}}'],
  ['volume ls', 'table {{.Name}}\\t{{.Driver}}'],
  ['inspect %web', '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'],
  [
    'inspect %web',
    '{{index .Config.Labels "a.b-c"}}|{{index .Config.Labels "nope"}}|{{.Config.Labels.nope}}',
  ],
  ['inspect %web', '{{json .Config.Env}} {{json .HostConfig.PortBindings}}'],
  ['inspect %web', '{{(index (index .NetworkSettings.Ports "80/tcp") 0).HostPort}}'],
  [
    'inspect %web',
    '{{range $p, $c := .NetworkSettings.Ports}}{{$p}} -> {{(index $c 0).HostPort}}{{"\\n"}}{{end}}',
  ],
  ['inspect %web', '{{printf "%.12s|%q|%v" .Id .Name .State.Running}} {{len .Mounts}}'],
  ['inspect %web', '{{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}'],
  ['inspect %well', '{{.State.Health.Status}} {{json .Config.Healthcheck}}'],
  [
    'inspect %two',
    '{{.HostConfig.CapAdd}} {{json .HostConfig.CapAdd}} {{.Config.Entrypoint}} {{.HostConfig.LogConfig}}',
  ],
  ['inspect %web %two', '{{slice .Name 1}} {{join .Config.Cmd " "}}'],
  ['network inspect %n1', '{{range .IPAM.Config}}{{.Subnet}} {{.Gateway}}{{end}} {{json .Labels}}'],
  ['network inspect %n1', '{{range $id, $c := .Containers}}{{$c.Name}} {{$c.IPv4Address}}{{end}}'],
  ['version', '{{.Server.Version}} {{.Server.Os}}'],
  ['info', '{{.ServerVersion}} {{.Driver}} {{.NCPU}}'],
];

const streams = [
  "run --rm busybox sh -c 'echo out; echo err >&2; exit 7'",
  'run --rm busybox nope',
  'run --rm busybox /',
  'run --rm -e A=1 -w /tmp -u 5:6 -h host busybox sh -c "env | grep A=; pwd; id; hostname"',
  'run --rm --entrypoint echo busybox a b',
  'run --rm --network none busybox ip -o link',
  'run --rm --add-host a:1.2.3.4 busybox grep 1.2.3.4 /etc/hosts',
  'run --rm --read-only busybox touch /x',
  'run --rm --sig-proxy=false busybox true',
  "exec %two sh -c 'echo out; echo err >&2; exit 9'",
  'exec -e A=b -w /tmp -u 1 %two sh -c "echo $A; pwd; id -u"',
  'exec %two nope',
];

const mistakes = [
  'nope',
  'network nope',
  'run',
  'run --nope busybox',
  'run -Z',
  'run -p',
  'rm',
  'ps extra',
  'exec',
  'network create',
  '--nope ps',
  '-H unix:///nonexistent ps',
  'ps -f x',
  'ps -f x=y',
  'ps --format {{.Nope}}',
  'ps --format {{.ID',
  'inspect nope',
  'inspect -f {{.Nope}} %web',
  'inspect -f {{.State.Health.Status}} %web',
  'network inspect nope',
  'rm nope',
  'stop nope nope2',
  'start nope',
  'wait nope',
  'logs nope',
  'port nope',
  'exec nope true',
  'exec %made true',
  'rename nope x',
  'network rm bridge',
  'network connect %n1 nope',
  'network create --gateway 10.0.0.1 x',
  'network create --subnet 10.0.0.0/24 --subnet 10.0.0.0/25 x',
  'volume rm nope',
  'rmi nope',
  'plugin rm nope',
  'plugin inspect nope',
  'plugin enable nope',
  'plugin enable --timeout -1 %plug',
  'plugin disable %plug',
  'plugin set %plug FIXED=2',
  'plugin set %plug',
  'plugin create %plug',
  'plugin create %plug /nonexistent',
  'plugin create %plug /proc/self',
  'plugin push nope',
  `plugin push nope@sha256:${'a'.repeat(64)}`,
  'plugin upgrade nope',
  'plugin install 127.0.0.1:9/nope',
  'tag nope x',
  'cp nope:/x /tmp',
  'cp a b',
  'cp a:b c:d',
  'attach %made',
  'run -p x busybox',
  'run -p 80:x busybox',
  'run -p 1-3:1-2 busybox',
  'run -m x busybox',
  'run --mount x busybox',
  'run --mount type=bind busybox',
  'run --ulimit x busybox',
  'run --cpus x busybox',
  'run --dns x busybox',
  'run --sysctl x busybox',
  'run --add-host x busybox',
  'run --label =x busybox',
  'run --env-file /nonexistent busybox',
  'run --rm --restart always busybox',
  'run -d -a stdin busybox',
  'run --no-healthcheck --health-cmd x busybox',
  'run --pid x busybox',
  'run --network %n1 --network host busybox',
  'run --network host --network-alias x busybox',
  'run --mac-address x busybox',
  'run --security-opt x busybox',
  'run --pull never nope',
  'run --name %web busybox',
  'create --name %web busybox',
];

describe.skipIf(missing !== undefined)(
  missing === undefined ? title : `${title} (skipped: ${missing})`,
  () => {
    const engine = openTestEngine();
    const host = `unix://${engine.socket}`;
    const namedWords = (line: string): string[] =>
      wordsOf(line).map((word) =>
        word.replace(/%([a-z]\w*)(?!\w*\|)/g, (_all, thing: string) => name(thing)),
      );
    const docker = (line: string): Promise<string> => must('docker', namedWords(line), host);

    beforeAll(async () => {
      for (const network of networks) await docker(`network create ${network}`);
      await docker('volume create --label q=1 %vol');
      await docker(`plugin create %plug ${makePluginFolder(join(engine.folder, 'plugin'))}`);
      await docker(
        'run -d --name %web -p 18080:80 -p 19000-19002:9000-9002/udp -p 127.0.0.1::443 --label a.b-c=1 --label x=2 -e FOO=<x> -v %vol:/data --network %n1 busybox sleep 1000',
      );
      await docker('run -d --name %two --expose 80 --expose 81 busybox sleep 1000');
      await docker("create --name %made busybox sh -c 'echo a very long command indeed'");
      await docker("run --name %gone busybox sh -c 'echo one; echo two >&2; echo x >/new'");
      await docker('run -d --name %well --health-cmd true --health-interval 1h busybox sleep 1000');
    });

    /** Our own name is the one difference that is meant. */
    const renamed = ({ status, stdout, stderr }: Outcome): Outcome => ({
      status,
      stdout: stdout.replaceAll('seaway', 'docker'),
      stderr: stderr.replaceAll('seaway', 'docker'),
    });

    /** Ages without their numbers, and so without the widths that they give to columns. */
    const ageless = ({ status, stdout, stderr }: Outcome): Outcome => ({
      status,
      stdout: stdout.replaceAll(/Less than a second|\d+ seconds?/g, 'AGE').replaceAll(/ {2,}/g, '  '),
      stderr,
    });

    async function compare(words: readonly string[], input?: string): Promise<void> {
      const options = { host, input };
      // Ages are in the output, and a second may pass between the two: then again, and at last without the ages.
      for (let triesLeft = 2; ; triesLeft--) {
        const theirs = renamed(await run('docker', words, options));
        const ours = renamed(await run('seaway', words, options));
        if (JSON.stringify(theirs) === JSON.stringify(ours)) return;
        if (triesLeft > 0) continue;
        expect(ageless(ours)).toEqual(ageless(theirs));
        return;
      }
    }

    describe('lists', () => {
      it.each(lists)('%s', (line) => compare(namedWords(line)));
    });

    describe('inspections', () => {
      it.each(inspections)('%s', (line) => compare(namedWords(line)));
    });

    describe('templates', () => {
      it.each(templates)('%s --format %s', (line, format) =>
        compare([...namedWords(line), '--format', format]),
      );
    });

    describe('streams and exit statuses', () => {
      it.each(streams)('%s', (line) => compare(namedWords(line)));

      it('standard input reaches the container, and its end too', async () => {
        await compare(['run', '-i', '--rm', 'busybox', 'cat'], 'hey\n');
        await compare(['exec', '-i', name('two'), 'md5sum'], 'x'.repeat(3_000_000));
      });
    });

    describe('mistakes', () => {
      it.each(mistakes)('%s', (line) => compare(namedWords(line)));
    });
  },
);
