/** Managed plugins as the API shows them (Docker Engine API 1.50: Plugin). */
import type { ManagedPlugin } from '../../model/plugin.ts';

export const presentPlugin = ({ id, name, reference, enabled, config, settings }: ManagedPlugin): object => ({
  Config: config,
  Enabled: enabled,
  Id: id,
  Name: name,
  PluginReference: reference,
  Settings: settings,
});
