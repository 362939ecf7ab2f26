/** Transitions of secrets and configs. Their contents are never changed: services are led to new ones. */
import { fail } from '../errors.ts';
import { type SwarmContext, timeText } from './context.ts';
import type { SwarmConfig, SwarmSecret, SwarmService, SwarmTransition, SwarmView } from './records.ts';
import type { ConfigSpec, SecretSpec } from './spec.ts';
import { current, newMeta } from './versions.ts';

/** Docker's limits: the size must be less. */
const largestSecret = 500 * 1024;
const largestConfig = 1000 * 1024;

const validName = /^[a-zA-Z0-9]+(?:[a-zA-Z0-9-_.]*[a-zA-Z0-9])?$/;

export interface FileUpdate<S> {
  readonly id: string;
  readonly version: number;
  readonly spec: S;
}

export const createSecret =
  (spec: SecretSpec, context: SwarmContext): SwarmTransition<SwarmSecret> =>
  (view) => {
    checkFileName(spec.Name);
    if (spec.Driver)
      throw fail('SWARM_UNIMPLEMENTED', `secret drivers are not supported: "${spec.Driver.Name}"`);
    refuseTemplating(spec);
    checkSize(spec.Data, { what: 'secret', less: largestSecret });
    if (view.byName('secrets', spec.Name)) throw fail('SWARM_EXISTS', `secret ${spec.Name} already exists`);
    const put: SwarmSecret = { ...newMeta(context), spec };
    return { changes: [{ table: 'secrets', put }], result: put };
  };

export const createConfig =
  (spec: ConfigSpec, context: SwarmContext): SwarmTransition<SwarmConfig> =>
  (view) => {
    checkFileName(spec.Name);
    refuseTemplating(spec);
    checkSize(spec.Data, { what: 'config', less: largestConfig });
    if (view.byName('configs', spec.Name)) throw fail('SWARM_EXISTS', `config ${spec.Name} already exists`);
    const put: SwarmConfig = { ...newMeta(context), spec };
    return { changes: [{ table: 'configs', put }], result: put };
  };

export const updateSecret =
  (update: FileUpdate<SecretSpec>, context: SwarmContext): SwarmTransition<SwarmSecret> =>
  (view) => {
    const before = current(view, 'secrets', update);
    const put = { ...before, spec: relabelled(before.spec, update.spec), updatedAt: timeText(context.now) };
    return { changes: [{ table: 'secrets', put }], result: put };
  };

export const updateConfig =
  (update: FileUpdate<ConfigSpec>, context: SwarmContext): SwarmTransition<SwarmConfig> =>
  (view) => {
    const before = current(view, 'configs', update);
    const put = { ...before, spec: relabelled(before.spec, update.spec), updatedAt: timeText(context.now) };
    return { changes: [{ table: 'configs', put }], result: put };
  };

export const removeSecret =
  (id: string): SwarmTransition<SwarmSecret> =>
  (view) => {
    const found = view.get('secrets', id);
    if (!found) throw fail('SWARM_OBJECT_NOT_FOUND', 'secret', id);
    const users = usersOf(view, (service) => secretsOf(service).includes(id));
    refuseInUse('secret', { name: found.spec.Name, users });
    return { changes: [{ table: 'secrets', remove: id }], result: found };
  };

export const removeConfig =
  (id: string): SwarmTransition<SwarmConfig> =>
  (view) => {
    const found = view.get('configs', id);
    if (!found) throw fail('SWARM_OBJECT_NOT_FOUND', 'config', id);
    const users = usersOf(view, (service) => configsOf(service).includes(id));
    refuseInUse('config', { name: found.spec.Name, users });
    return { changes: [{ table: 'configs', remove: id }], result: found };
  };

const secretsOf = ({ spec }: Pick<SwarmService, 'spec'>): readonly string[] =>
  (spec.TaskTemplate.ContainerSpec?.Secrets ?? []).map(({ SecretID }) => SecretID);
const configsOf = ({ spec }: Pick<SwarmService, 'spec'>): readonly string[] =>
  (spec.TaskTemplate.ContainerSpec?.Configs ?? []).map(({ ConfigID }) => ConfigID);

const usersOf = (view: SwarmView, uses: (service: SwarmService) => boolean): readonly string[] =>
  Array.from(view.all('services'))
    .filter(uses)
    .map(({ spec }) => spec.Name);

function refuseInUse(
  what: 'secret' | 'config',
  { name, users }: { readonly name: string; readonly users: readonly string[] },
): void {
  if (users.length === 0) return;
  const services = users.length === 1 ? 'service' : 'services';
  throw fail(
    'SWARM_INVALID',
    `${what} '${name}' is in use by the following ${services}: ${users.join(', ')}`,
  );
}

function checkFileName(name: string): void {
  if (name === '') throw fail('SWARM_INVALID', 'name must be provided');
  if (name.length > 64 || !validName.test(name))
    throw fail(
      'SWARM_INVALID',
      'invalid name, only 64 [a-zA-Z0-9-_.] characters allowed, and the start and end character must be [a-zA-Z0-9]',
    );
}

function checkSize(
  data: string | undefined,
  { what, less }: { readonly what: string; readonly less: number },
): void {
  const bytes = Buffer.byteLength(data ?? '', 'base64');
  if (bytes < 1 || bytes >= less)
    throw fail('SWARM_INVALID', `${what} data must be larger than 0 and less than ${less} bytes`);
}

function refuseTemplating({ Templating }: SecretSpec | ConfigSpec): void {
  if (Templating)
    throw fail(
      'SWARM_UNIMPLEMENTED',
      `templates in secrets and configs are not supported: "${Templating.Name}"`,
    );
}

/** Labels are all that changes. */
function relabelled<S extends SecretSpec | ConfigSpec>(before: S, asked: S): S {
  const changesData = asked.Data !== undefined && asked.Data !== '' && asked.Data !== before.Data;
  if (asked.Name !== before.Name || changesData)
    throw fail('SWARM_INVALID', 'only updates to Labels are allowed');
  return { ...before, Labels: asked.Labels };
}
