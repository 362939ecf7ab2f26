import { bool } from '../../../flags/kinds.ts';
import { defineCommand } from '../../command.ts';
import { commaListFlag, flag, listFlag, mapFlag, switchFlag, textFlag } from '../../flags/flag.ts';
import { ipamPools } from '../../spec/ipam.ts';
import { recordOf } from '../../spec/labels.ts';

export const command = defineCommand({
  takes: 'NETWORK',
  count: [1, 1],
  flags: {
    attachable: switchFlag('attachable', 'Enable manual container attachment'),
    aux: mapFlag('aux-address', 'Auxiliary IPv4 or IPv6 addresses used by Network driver'),
    configFrom: textFlag('config-from', 'The network from which to copy the configuration'),
    configOnly: switchFlag('config-only', 'Create a configuration only network'),
    driver: textFlag('driver', 'Driver to manage the Network (default "bridge")', {
      short: 'd',
      initial: 'bridge',
    }),
    gateways: commaListFlag('gateway', 'IPv4 or IPv6 Gateway for the master subnet'),
    ingress: switchFlag('ingress', 'Create swarm routing-mesh network'),
    internal: switchFlag('internal', 'Restrict external access to the network'),
    ranges: commaListFlag('ip-range', 'Allocate container ip from a sub-range'),
    ipamDriver: textFlag('ipam-driver', 'IP Address Management Driver (default "default")', {
      initial: 'default',
    }),
    ipamOptions: mapFlag('ipam-opt', 'Set IPAM driver specific options'),
    ipv4: flag<boolean | undefined>(
      'ipv4',
      bool,
      undefined,
      'Enable or disable IPv4 address assignment (default true)',
    ),
    ipv6: flag<boolean | undefined>('ipv6', bool, undefined, 'Enable or disable IPv6 address assignment'),
    labels: listFlag('label', 'Set metadata on a network'),
    options: mapFlag('opt', 'Set driver specific options', { short: 'o' }),
    scope: textFlag('scope', "Control the network's scope"),
    subnets: commaListFlag('subnet', 'Subnet in CIDR format that represents a network segment'),
  },
  async run({ flags, operands, context }) {
    const { subnets, ranges, gateways, aux } = flags;
    const pools = ipamPools({ subnets, ranges, gateways, aux });
    const engine = await context.engine();
    const body = {
      Name: operands[0],
      Driver: flags.driver,
      Scope: flags.scope,
      EnableIPv4: flags.ipv4,
      EnableIPv6: flags.ipv6,
      IPAM: { Driver: flags.ipamDriver, Options: flags.ipamOptions, Config: pools },
      Internal: flags.internal,
      Ingress: flags.ingress,
      Attachable: flags.attachable,
      ConfigOnly: flags.configOnly,
      ConfigFrom: flags.configFrom === '' ? undefined : { Network: flags.configFrom },
      Options: flags.options,
      Labels: recordOf(flags.labels),
      // Engines before API 1.44 ask for it.
      CheckDuplicate: engine.atLeast('1.44') ? undefined : true,
    };
    const answer = await engine.json<{ Id: string; Warning?: string }>('POST', '/networks/create', {
      json: body,
    });
    if (answer.Warning) context.complain(`WARNING: ${answer.Warning}`);
    await context.print(`${answer.Id}\n`);
  },
});
