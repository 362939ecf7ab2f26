/** Secrets, configs and the credential spec in `service update`. */
import type { References } from './references.ts';
import type { ConfigReference, ContainerSpec, SecretReference } from './types.ts';
import type { UpdateCall } from './update-flags.ts';

export async function updateSecrets(
  container: ContainerSpec,
  { flags }: UpdateCall,
  references: References,
): Promise<SecretReference[]> {
  const kept = (container.Secrets ?? []).filter(({ SecretName }) => !flags.secretRemove.includes(SecretName));
  return [...kept, ...(await references.secrets(flags.secretAdd))];
}

/** A config without a file holds the credential spec, and stays as long as that names it. */
export async function updateConfigs(
  container: ContainerSpec,
  { flags, given }: UpdateCall,
  references: References,
): Promise<ConfigReference[]> {
  const isNew = given.has('credentialSpec');
  const name = isNew ? flags.credentialSpec.Config : undefined;
  const id = isNew ? undefined : container.Privileges?.CredentialSpec?.Config;
  const before = container.Configs ?? [];
  const isCredential = ({ ConfigName, ConfigID }: ConfigReference): boolean =>
    (name !== undefined && ConfigName === name) || (id !== undefined && ConfigID === id);
  const kept = before.filter((config) =>
    config.Runtime === undefined ? !flags.configRemove.includes(config.ConfigName) : isCredential(config),
  );
  return [...kept, ...(await references.configs(flags.configAdd, name))];
}

/** After `updateConfigs`, which found the id of the config that is named. */
export function updateCredentials(container: ContainerSpec, { flags, given }: UpdateCall): void {
  if (!given.has('credentialSpec')) return;
  const spec = flags.credentialSpec;
  if (Object.keys(spec).length === 0) {
    if (container.Privileges !== undefined)
      container.Privileges = { ...container.Privileges, CredentialSpec: undefined };
    return;
  }
  const config = container.Configs?.find(({ ConfigName }) => ConfigName === spec.Config);
  const own = spec.Config && config !== undefined ? { ...spec, Config: config.ConfigID } : spec;
  container.Privileges = { ...container.Privileges, CredentialSpec: own };
}
