/** The flags of `service update`. */
import { type FlagValues, listFlag, parsedListFlag, switchFlag, textFlag } from '../flags/flag.ts';
import { commandFlag } from './flags.ts';
import { lists, sharedFlags } from './service-flags.ts';

const addFlags = {
  configAdd: parsedListFlag('config-add', lists.config, 'Add or update a config file on a service', {
    label: 'config',
  }),
  constraintAdd: listFlag('constraint-add', 'Add or update a placement constraint'),
  containerLabelAdd: parsedListFlag('container-label-add', lists.label, 'Add or update a container label'),
  dnsAdd: parsedListFlag('dns-add', lists.dns, 'Add or update a custom DNS server'),
  dnsOptionAdd: listFlag('dns-option-add', 'Add or update a DNS option'),
  dnsSearchAdd: parsedListFlag('dns-search-add', lists.dnsSearch, 'Add or update a custom DNS search domain'),
  envAdd: parsedListFlag('env-add', lists.env, 'Add or update an environment variable'),
  genericResourceAdd: parsedListFlag('generic-resource-add', lists.resource, 'Add a Generic resource'),
  groupAdd: listFlag('group-add', 'Add an additional supplementary user group to the container'),
  hostAdd: parsedListFlag('host-add', lists.host, 'Add a custom host-to-IP mapping ("host:ip")'),
  labelAdd: parsedListFlag('label-add', lists.label, 'Add or update a service label'),
  mountAdd: parsedListFlag('mount-add', lists.mount, 'Add or update a mount on a service', {
    label: 'mount',
  }),
  networkAdd: parsedListFlag('network-add', lists.network, 'Add a network', { label: 'network' }),
  placementPrefAdd: parsedListFlag('placement-pref-add', lists.preference, 'Add a placement preference', {
    label: 'pref',
  }),
  publishAdd: parsedListFlag('publish-add', lists.port, 'Add or update a published port', { label: 'port' }),
  secretAdd: parsedListFlag('secret-add', lists.secret, 'Add or update a secret on a service', {
    label: 'secret',
  }),
  sysctlAdd: listFlag('sysctl-add', 'Add or update a Sysctl option'),
  ulimitAdd: parsedListFlag('ulimit-add', lists.ulimit, 'Add or update a ulimit option', {
    label: 'ulimit',
  }),
};

const removeFlags = {
  configRemove: listFlag('config-rm', 'Remove a configuration file'),
  constraintRemove: listFlag('constraint-rm', 'Remove a constraint'),
  containerLabelRemove: listFlag('container-label-rm', 'Remove a container label by its key'),
  dnsRemove: listFlag('dns-rm', 'Remove a custom DNS server'),
  dnsOptionRemove: listFlag('dns-option-rm', 'Remove a DNS option'),
  dnsSearchRemove: listFlag('dns-search-rm', 'Remove a DNS search domain'),
  envRemove: listFlag('env-rm', 'Remove an environment variable'),
  genericResourceRemove: listFlag('generic-resource-rm', 'Remove a Generic resource'),
  groupRemove: listFlag('group-rm', 'Remove a previously added supplementary user group from the container'),
  hostRemove: listFlag('host-rm', 'Remove a custom host-to-IP mapping ("host:ip")'),
  labelRemove: listFlag('label-rm', 'Remove a label by its key'),
  mountRemove: listFlag('mount-rm', 'Remove a mount by its target path'),
  networkRemove: listFlag('network-rm', 'Remove a network'),
  placementPrefRemove: parsedListFlag(
    'placement-pref-rm',
    lists.preference,
    'Remove a placement preference',
    { label: 'pref' },
  ),
  publishRemove: parsedListFlag('publish-rm', lists.port, 'Remove a published port by its target port', {
    label: 'port',
  }),
  secretRemove: listFlag('secret-rm', 'Remove a secret'),
  sysctlRemove: listFlag('sysctl-rm', 'Remove a Sysctl option'),
  ulimitRemove: listFlag('ulimit-rm', 'Remove a ulimit option'),
};

export const updateFlags = {
  ...sharedFlags,
  ...addFlags,
  ...removeFlags,
  args: commandFlag('args', 'Service command args'),
  force: switchFlag('force', 'Force update even if no changes require it'),
  image: textFlag('image', 'Service image tag'),
  rollback: switchFlag('rollback', 'Rollback to previous specification'),
};

type UpdateFlags = FlagValues<typeof updateFlags>;

/** One call of `service update`. */
export interface UpdateCall {
  readonly flags: UpdateFlags;
  readonly given: ReadonlySet<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
}
