/** `/plugins`: managed plugins. */
import type { Static } from 'typebox';
import type { PluginPull } from '../../engine/plugin-verbs.ts';
import { fail, messageOf } from '../../errors.ts';
import { parseInteger } from '../../go/strconv.ts';
import type { RegistryAccess } from '../../images/images.ts';
import { capabilitiesOf } from '../../model/plugin.ts';
import { parseFilters } from '../filters.ts';
import { presentPlugin } from '../presenters/plugin.ts';
import { type Answer, type Call, empty, json, param, post, type Route, route } from '../route.ts';
import { pluginArguments, pluginPrivileges } from '../schemas/plugins.ts';
import { goneWith, withProgress } from '../streaming.ts';
import { credentialsOf } from './images-create.ts';

function list({ engine, query }: Call): Answer {
  const filters = parseFilters(query.text('filters'), ['enabled', 'capability']);
  const enabled = filters.has('enabled') ? filters.flag('enabled', false) : undefined;
  const all = engine.plugins
    .list()
    .filter((plugin) => enabled === undefined || plugin.enabled === enabled)
    .filter((plugin) => capabilitiesOf(plugin).every((one) => filters.exactly('capability', one)));
  return json(all.map(presentPlugin));
}

const accessOf = (call: Call<unknown>): RegistryAccess => {
  const auth = credentialsOf(call as Call);
  return { gone: goneWith(call.response), ...(auth && { auth }) };
};

async function privileges(call: Call): Promise<Answer> {
  const asked = await call.engine.plugins.privileges(call.query.text('remote'), accessOf(call));
  // as Go writes a list that was never made
  return json(asked.length > 0 ? asked : null);
}

async function create({ engine, query, upload }: Call): Promise<Answer> {
  await engine.plugins.create(query.text('name'), upload);
  return empty(204);
}

async function enable(call: Call): Promise<Answer> {
  await call.engine.plugins.enable(param(call, 'name'), { timeout: secondsOf(call.query.text('timeout')) });
  return empty(200);
}

function secondsOf(text: string): number {
  try {
    return parseInteger(text);
  } catch (error) {
    throw fail('PLUGIN_INVALID', messageOf(error));
  }
}

async function disable(call: Call): Promise<Answer> {
  await call.engine.plugins.disable(param(call, 'name'), { force: call.query.flag('force') });
  return empty(200);
}

async function remove(call: Call): Promise<Answer> {
  await call.engine.plugins.remove(param(call, 'name'), { force: call.query.flag('force') });
  return empty(200);
}

async function set(call: Call<Static<typeof pluginArguments>>): Promise<Answer> {
  await call.engine.plugins.set(param(call, 'name'), call.body);
  return empty(204);
}

type Granting = Call<Static<typeof pluginPrivileges>>;

const pullOf = (call: Granting, name: string): PluginPull => ({
  remote: call.query.text('remote'),
  name,
  granted: call.body.map(({ Name = '', Value = [] }) => ({ Name, Value })),
  ...accessOf(call),
});

/** The CLI reads the local name from a header of the answer. */
async function pull(call: Granting): Promise<Answer> {
  const name = call.engine.plugins.localName(call.query.text('remote'), call.query.text('name'));
  call.response.setHeader('Docker-Plugin-Name', name);
  return withProgress(call.response, (lines) =>
    call.engine.plugins.pull(pullOf(call, name), (line) => void lines.write(line)),
  );
}

async function upgrade(call: Granting): Promise<Answer> {
  const name = call.engine.plugins.localName(call.query.text('remote'), param(call, 'name'));
  call.response.setHeader('Docker-Plugin-Name', name);
  return withProgress(call.response, (lines) =>
    call.engine.plugins.upgrade(pullOf(call, name), (line) => void lines.write(line)),
  );
}

function push(call: Call): Promise<Answer> {
  return withProgress(call.response, (lines) =>
    call.engine.plugins.push(param(call, 'name'), accessOf(call), (line) => void lines.write(line)),
  );
}

export const pluginRoutes: readonly Route[] = [
  route('GET', '/plugins', list),
  route('GET', '/plugins/privileges', privileges),
  route('GET', '/plugins/:name/json', (call) =>
    json(presentPlugin(call.engine.plugins.get(param(call, 'name')))),
  ),
  route('POST', '/plugins/create', create),
  route('POST', '/plugins/:name/enable', enable),
  route('POST', '/plugins/:name/disable', disable),
  route('POST', '/plugins/:name/push', push),
  route('DELETE', '/plugins/:name', remove),
  post('/plugins/pull', pluginPrivileges, pull),
  post('/plugins/:name/set', pluginArguments, set),
  post('/plugins/:name/upgrade', pluginPrivileges, upgrade),
];
