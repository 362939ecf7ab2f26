import { defineCommand } from '../../command.ts';
import { UsageError } from '../../failure.ts';
import { commaListFlag, intFlag, listFlag, textFlag } from '../../flags/flag.ts';
import { recordOf } from '../../spec/labels.ts';
import { anyCount, checkTarget, connectNamespace } from './namespace.ts';

export const command = defineCommand({
  takes: 'NETWORK CONTAINER',
  count: anyCount,
  flags: {
    aliases: commaListFlag('alias', 'Add network-scoped alias for the container'),
    driverOptions: commaListFlag('driver-opt', 'driver options for the network'),
    gwPriority: intFlag(
      'gw-priority',
      'Highest gw-priority provides the default gateway. Accepts positive and negative values.',
    ),
    ip: textFlag('ip', 'IPv4 address (e.g., "172.30.100.104")'),
    ip6: textFlag('ip6', 'IPv6 address (e.g., "2001:db8::33")'),
    links: listFlag('link', 'Add link to another container'),
    linkLocal: commaListFlag('link-local-ip', 'Add a link-local address for the container'),
    name: textFlag('name', 'With --netns: what the namespace is called in the network'),
    netns: textFlag('netns', 'Connect the network namespace of that file or name instead of a container'),
  },
  async run({ flags, operands, context }) {
    const [network = '', container = ''] = operands;
    const { netns: namespace, name } = flags;
    checkTarget(operands, namespace !== '');
    if (namespace !== '' && name === '') throw new UsageError('--netns needs --name');
    const ipam = { IPv4Address: flags.ip, IPv6Address: flags.ip6, LinkLocalIPs: flags.linkLocal };
    const asksAddress = flags.ip !== '' || flags.ip6 !== '' || flags.linkLocal.length > 0;
    const endpoint = {
      IPAMConfig: asksAddress ? ipam : undefined,
      Links: flags.links,
      Aliases: flags.aliases,
      DriverOpts: recordOf(flags.driverOptions),
      GwPriority: flags.gwPriority === 0 ? undefined : flags.gwPriority,
    };
    if (namespace !== '') return connectNamespace(context, { network, namespace, name }, endpoint);
    const engine = await context.engine();
    const json = { Container: container, EndpointConfig: endpoint };
    await engine.text('POST', `/networks/${encodeURIComponent(network)}/connect`, { json });
    return 0;
  },
});
