import { defineCommand } from '../../command.ts';
import { formatFlag, switchFlag } from '../../flags/flag.ts';
import { type Listing, renderList } from '../../table/listing.ts';

interface Counted {
  readonly Packets: number;
}

interface PolicyItem {
  readonly Name: string;
  readonly Order: number;
  readonly Applies: string;
  readonly Ingress: readonly (Counted & { readonly Verdict: string })[];
  readonly Egress: readonly (Counted & { readonly Verdict: string })[];
  readonly OtherwiseDenied: Counted;
  readonly Containers: readonly string[];
}

const packets = ({ Ingress, Egress, OtherwiseDenied }: PolicyItem, verdict: string): number =>
  [...Ingress, ...Egress]
    .filter(({ Verdict }) => Verdict === verdict)
    .reduce((sum, { Packets }) => sum + Packets, verdict === 'deny' ? OtherwiseDenied.Packets : 0);

const listing: Listing<PolicyItem> = {
  columns: {
    Name: { header: 'NAME', value: ({ Name }) => Name },
    Order: { header: 'ORDER', value: ({ Order }) => String(Order) },
    Applies: { header: 'APPLIES TO', value: ({ Applies }) => Applies },
    Ingress: { header: 'INGRESS', value: ({ Ingress }) => String(Ingress.length) },
    Egress: { header: 'EGRESS', value: ({ Egress }) => String(Egress.length) },
    Containers: { header: 'CONTAINERS', value: ({ Containers }) => String(Containers.length) },
    Allowed: { header: 'ALLOWED', value: (policy) => String(packets(policy, 'allow')) },
    Denied: { header: 'DENIED', value: (policy) => String(packets(policy, 'deny')) },
  },
  table:
    'table {{.Name}}\t{{.Order}}\t{{.Applies}}\t{{.Ingress}}\t{{.Egress}}\t{{.Containers}}\t{{.Allowed}}\t{{.Denied}}',
  quiet: '{{.Name}}',
  type: '*policy.policyContext',
};

export const command = defineCommand({
  flags: {
    format: formatFlag('Format output: table, table TEMPLATE, json, TEMPLATE'),
    quiet: switchFlag('quiet', 'Only display names', { short: 'q' }),
  },
  async run({ flags, context }) {
    const engine = await context.engine();
    const policies = await engine.get<PolicyItem[]>('/seaway/policies');
    await context.print(renderList(listing, policies, { format: flags.format, quiet: flags.quiet }));
    return 0;
  },
});
