/** Bodies of the plugin routes (Docker Engine API 1.50: PluginPrivilege). */
import Type from 'typebox';
import { text, texts } from './fields.ts';

/** Privileges that the user grants. */
export const pluginPrivileges = Type.Array(Type.Object({ Name: text, Description: text, Value: texts }), {
  title: 'types.PluginPrivileges',
});

export const pluginArguments = Type.Array(Type.String(), { title: '[]string' });
