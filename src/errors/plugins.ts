/** Errors of plugins, found in a folder or installed from an image. */
import { type Entry, q } from './entry.ts';

export const pluginErrors = {
  // plugins
  PLUGIN_NOT_FOUND: ['notFound', (name: string): string => `plugin "${name}" not found`],
  PLUGIN_FILE_INVALID: ['internal', (path: string, why: string): string => `plugin file ${path}: ${why}`],
  PLUGIN_LACKS_DRIVER: [
    'internal',
    (name: string, wanted: string): string =>
      `Plugin does not implement the requested driver: plugin=${q(name)}, requested implementation=${q(wanted)}`,
  ],
  // no connection: the call was not sent
  PLUGIN_AWAY: ['internal', (doing: string, why: string): string => `${doing}: ${why}`],
  // the plugin answered with an error; `method` is '' where the error came in an answer with status 200
  PLUGIN_REFUSED: [
    'internal',
    (method: string, why: string): string => (method === '' ? why : `${method}: ${why}`),
  ],
  // status 404: the plugin lacks the method
  PLUGIN_LACKS_METHOD: ['internal', (method: string, why: string): string => `${method}: ${why}`],
  // sent, but no valid answer came: the plugin may have acted or not
  PLUGIN_BROKEN: ['internal', (doing: string, why: string): string => `${doing}: ${why}`],
  PLUGIN_SLOW: ['internal', (doing: string): string => `${doing}: context deadline exceeded`],

  // managed plugins
  PLUGIN_AMBIGUOUS: ['invalid', (name: string): string => `multiple plugins found for "${name}"`],
  PLUGIN_DISABLED: ['conflict', (name: string): string => `plugin ${name} found but disabled`],
  PLUGIN_ALREADY_DISABLED: [
    'conflict',
    (name: string): string => `plugin is already disabled: plugin ${name} found but disabled`,
  ],
  PLUGIN_ALREADY_ENABLED: [
    'conflict',
    (name: string): string => `plugin already enabled: plugin ${name} is enabled`,
  ],
  PLUGIN_ENABLED: ['conflict', (name: string): string => `plugin ${name} is enabled`],
  PLUGIN_UPGRADE_ENABLED: [
    'conflict',
    (name: string): string => `plugin must be disabled before upgrading: plugin ${name} is enabled`,
  ],
  PLUGIN_IN_USE: ['conflict', (name: string): string => `plugin ${name} is in use`],
  PLUGIN_EXISTS: ['conflict', (name: string): string => `plugin ${name} already exists`],
  PLUGIN_ACTIVE: ['internal', (): string => 'cannot set on an active plugin, disable plugin before setting'],
  PLUGIN_SETTING_INVALID: ['internal', (why: string): string => why],
  PLUGIN_PRIVILEGES: ['internal', (): string => 'incorrect privileges'],
  PLUGIN_INVALID: ['internal', (why: string): string => why],
  PLUGIN_START_FAILED: ['internal', (why: string): string => why],
} as const satisfies Record<string, Entry>;
