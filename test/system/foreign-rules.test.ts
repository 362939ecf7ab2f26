/**
 * What other programs have on the host stays as it is, byte by byte, while the engine uses all of its features, and all of the
 * host is as it was once `seawayd --remove-all` has run: with the rules that Debian's ufw and firewalld, and libvirt on either
 * of its backends, write. SEAWAY_FOREIGN=all runs it.
 */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run, soon } from './commands.ts';
import { openTestEngine, projectFolder, type TestEngine } from './engine.ts';
import { giveEtcd, useEverything } from './foreign/everything.ts';
import { linesOf, machine } from './machine.ts';

const rules = (name: string): string => join(projectFolder, 'test/system/foreign', name);

/** As those programs do it. */
function addStrangers({ rig }: TestEngine): void {
  const shell = (command: string): string => rig.run('host', 'sh', '-c', command);
  shell('ip link add virbr0 type bridge; ip addr add 192.168.122.1/24 dev virbr0; ip link set virbr0 up');
  shell('ip link add spare0 type veth peer name spare1; ip link set spare0 up; ip link set spare1 up');
  shell('ip rule add fwmark 0x99 lookup 99; ip route add 203.0.113.0/24 dev virbr0 table 99');
  shell(`iptables-restore <${rules('ufw-ipv4.rules')}; ip6tables-restore <${rules('ufw-ipv6.rules')}`);
  shell(`iptables-restore --noflush <${rules('libvirt.rules')}`);
  for (const name of ['firewalld.nft', 'libvirt.nft']) shell(`nft -f ${rules(name)}`);
}

const tables = ['inet firewalld', 'ip libvirt_network'];

/** What is only theirs, also while the engine is there. */
const strangers = (engine: TestEngine): readonly string[] => [
  ...tables.flatMap((table) => linesOf(engine, 'nft', 'list', 'table', ...table.split(' '))),
  ...['iptables', 'ip6tables'].flatMap((program) => [
    ...linesOf(engine, `${program}-save`).filter((line) => /ufw-|LIBVIRT_/.test(line)),
    ...['INPUT', 'OUTPUT'].flatMap((chain) => linesOf(engine, program, '-S', chain)),
  ]),
];

/** iptables makes built-in chains in tables of others, and leaves them there without rules (docs/uninstall.md). */
const withoutEmptyChains = (lines: readonly string[]): readonly string[] =>
  lines
    .join('\n')
    .replaceAll(/\nnft \nnft \tchain [A-Z]+ \{\nnft \t\ttype [^\n]* policy accept;\nnft \t\}(?=\n)/g, '')
    .split('\n');

const isLong = process.env.SEAWAY_FOREIGN === 'all';
const skipped = isLong ? '' : ' (skipped: SEAWAY_FOREIGN=all)';

describe.skipIf(!isLong).each(['iptables', 'nftables'])(
  `with the %s backend${skipped}`,
  { timeout: 240_000 },
  (backend) => {
    const engine = openTestEngine({ flags: [`--firewall-backend=${backend}`], idle: true });

    test('rules of others stay as they are, and nothing is left on the host', async () => {
      addStrangers(engine);
      // addresses of links are first looked for at others (duplicate address detection)
      await soon(() => !machine(engine).join().includes('"tentative"'), 5_000);
      const [before, theirs] = [machine(engine), strangers(engine)];
      giveEtcd(engine);
      await engine.start();
      await useEverything(engine);
      expect(strangers(engine)).toEqual(theirs);
      await engine.stop();
      expect(strangers(engine)).toEqual(theirs);
      const command = [join(projectFolder, 'bin/seawayd'), ...engine.arguments(['--remove-all'])];
      const removed = await run(['nsenter', `--net=${engine.rig.host}`, ...command], { env: engine.env });
      expect(removed).toMatchObject({ status: 0, stderr: '' });
      const compared = backend === 'iptables' ? withoutEmptyChains : (lines: readonly string[]) => lines;
      expect(compared(machine(engine))).toEqual(compared(before));
    });
  },
);
