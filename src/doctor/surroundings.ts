/** Findings about what else runs on the host: other firewalls, resolvers and kernels without a module. */
import type { Finding } from './finding.ts';
import { manual } from './manual.ts';

export interface Surroundings {
  /** Base chains of other programs that drop what is forwarded and that they do not accept themselves. */
  readonly closedChains: readonly {
    readonly table: string;
    readonly chain: string;
    readonly owner: string;
  }[];
  /** Rules and policies of iptables' legacy variant that drop what is forwarded, beside those of nftables: their text. */
  readonly legacyRules: readonly string[];
  /** Servers of the host's resolv.conf, all on its loopback, and containers that have that file; empty where either is not so. */
  readonly stub: { readonly servers: readonly string[]; readonly containers: readonly string[] };
  /** Modules that networks need and that this kernel neither has nor can load, with the package. */
  readonly missingModules: readonly {
    readonly module: string;
    readonly needs: string;
    readonly package: string;
  }[];
}

export const surroundingFindings = (state: Surroundings): readonly Finding[] => [
  ...closed(state),
  ...legacy(state),
  ...stubbed(state),
  ...modules(state),
];

const closed = ({ closedChains }: Surroundings): readonly Finding[] =>
  closedChains.map(({ table, chain, owner }) =>
    manual({
      code: 'firewall-in-the-way',
      sentence: `chain ${chain} (${table}) of ${owner} drops every packet that is forwarded and that it does not accept itself, those of containers too`,
      cure: `accept the networks there: nft insert rule ${table} ${chain} iifname "br-*" accept, and the same with oifname and for docker0`,
    }),
  );

const legacy = ({ legacyRules }: Surroundings): readonly Finding[] => {
  const [first] = legacyRules;
  if (first === undefined) return [];
  const more = legacyRules.length > 1 ? `, and ${legacyRules.length - 1} more` : '';
  return [
    manual({
      code: 'firewall-in-the-way',
      sentence: `rules of iptables' legacy variant are in effect beside those of nftables, and drop what is forwarded: ${first}${more}`,
      cure: 'iptables-legacy-save shows them; iptables-legacy -F and -P FORWARD ACCEPT remove them',
    }),
  ];
};

const stubbed = ({ stub: { servers, containers } }: Surroundings): readonly Finding[] =>
  servers.length === 0 || containers.length === 0
    ? []
    : [
        manual({
          code: 'stub-resolver',
          sentence: `/etc/resolv.conf names only ${servers.join(', ')}, as systemd-resolved writes it, which ${containers.slice(0, 5).join(', ')}${containers.length > 5 ? ', ...' : ''} cannot reach: public servers stand in for it`,
          cure: 'ln -sf /run/systemd/resolve/resolv.conf /etc/resolv.conf, or start seawayd with --dns; then restart these containers',
        }),
      ];

const modules = ({ missingModules }: Surroundings): readonly Finding[] =>
  missingModules.map(({ module, needs, package: name }) =>
    manual({
      code: 'kernel-lacks',
      sentence: `this kernel has no module ${module}, which ${needs} needs`,
      cure: `install ${name}, and modprobe ${module}`,
    }),
  );
