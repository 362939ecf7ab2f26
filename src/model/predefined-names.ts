/** Names of the predefined networks. */
export const defaultNetwork = 'bridge';
export const hostNetwork = 'host';
export const noNetwork = 'none';

const names: readonly string[] = [defaultNetwork, hostNetwork, noNetwork];

/** `default` and an empty name stand for the default network. */
export const asNetworkName = (name: string): string =>
  name === '' || name === 'default' ? defaultNetwork : name;

export const isPredefinedName = (name: string): boolean => names.includes(name);

/** Whether no other network may have this name. */
export const isReservedName = (name: string): boolean => name === 'default' || isPredefinedName(name);
