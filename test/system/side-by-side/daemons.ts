/** How both daemons are restarted, and what is then asked of their default bridges. */
import type { Combination } from './combination.ts';

export interface Daemon extends Combination {
  readonly flags: readonly string[];
}

const daemon = (
  title: string,
  { flags, commands = ['run -d --name boxed busybox sleep 1000'] }: Partial<Combination> & { flags: string },
): Daemon => ({ title, flags: flags.split(' '), commands, also: { networks: ['bridge'] } });

export const daemons: readonly Daemon[] = [
  daemon('--bip', { flags: '--bip 10.50.0.1/24' }),
  daemon('--bip and --fixed-cidr', { flags: '--bip 10.51.0.1/16 --fixed-cidr 10.51.9.0/24' }),
  daemon('--default-gateway', { flags: '--bip 10.52.0.1/24 --default-gateway 10.52.0.254' }),
  daemon('--ipv6 and --fixed-cidr-v6', { flags: '--ipv6 --fixed-cidr-v6 2001:db8:50::/64' }),
  daemon('--mtu', { flags: '--mtu 1400' }),
  daemon('--icc=false, --ip-masq=false and --ip', {
    flags: '--icc=false --ip-masq=false --ip 127.0.0.1',
    commands: ['run -d --name boxed -p 8050:80 busybox sleep 1000', 'port boxed'],
  }),
  daemon('--dns, --dns-search and --dns-opt', {
    flags: '--dns 192.0.2.9 --dns-search d.test --dns-opt ndots:2',
    commands: [
      'run -d --name boxed busybox sleep 1000',
      'run -d --name boxed2 --dns-search own.test busybox sleep 1000',
    ],
  }),
  daemon('--default-address-pool', {
    flags:
      '--default-address-pool base=10.60.0.0/16,size=24 --default-address-pool base=10.61.0.0/24,size=28',
    commands: [
      'network create pooled1',
      'run -d --name boxed --network pooled1 busybox sleep 1000',
      'network create pooled2',
    ],
  }),
  daemon('--bridge', { flags: '--bridge br-user' }),
];

/** With these neither of them starts. */
export const refusedFlags: readonly string[] = [
  '--bip nonsense',
  '--bip 10.50.0.1/24 --default-gateway 10.51.0.1',
  '--bip 10.50.0.1/24 --bridge br-user',
  '--mtu many',
  '--icc=maybe',
  '--default-address-pool base=10.60.0.0/16',
  '--ipv6 --fixed-cidr-v6 nonsense',
];
