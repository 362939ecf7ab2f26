/** `stack deploy`: networks, secrets, configs, services, each made or brought to what the Compose file says. */

import type { Client } from '#client/client.ts';
import { EngineError } from '#client/errors.ts';
import { messageOf } from '../../errors.ts';
import { isReservedName } from '../../model/predefined-names.ts';
import { authFor } from '../commands/credentials.ts';
import { fileBodies, fileReferences, networksOf } from '../compose/convert-objects.ts';
import { convertService } from '../compose/convert-service.ts';
import { imageLabel, Namespace, objectOf, textOf } from '../compose/namespace.ts';
import type { JsonObject } from '../compose/yaml.ts';
import type { Context } from '../context.ts';
import { CliError } from '../failure.ts';
import { waitOnService } from './convergence.ts';
import type { FileKind } from './file-references.ts';
import { pinImage, taggedImage } from './images.ts';
import { swarmInfo } from './nodes.ts';
import { References } from './references.ts';
import { removeAll, serviceRemovals, stackNetworks, stackServices } from './stacks.ts';
import type { Answer, Service, ServiceSpec, SwarmObject } from './types.ts';
import { updateService } from './updating.ts';

export interface DeployOptions {
  readonly name: string;
  readonly detach: boolean;
  readonly prune: boolean;
  readonly quiet: boolean;
  readonly resolveImage: string;
  readonly withRegistryAuth: boolean;
}

/** What is deployed, and how. */
interface Deployment {
  readonly context: Context;
  readonly engine: Client;
  readonly config: JsonObject;
  readonly namespace: Namespace;
  readonly options: DeployOptions;
}

/** Throws `CliError`, `EngineError`. */
export async function deployStack(
  context: Context,
  config: JsonObject,
  options: DeployOptions,
): Promise<void> {
  for (const [name, service] of Object.entries(objectOf(config.services)))
    if (textOf(objectOf(service).image) === '')
      throw new CliError(`invalid image reference for service ${name}: no image specified`);
  const engine = await context.engine();
  const { ControlAvailable } = await swarmInfo(engine);
  if (ControlAvailable !== true)
    throw new CliError(
      `this node is not a swarm manager. Use "${context.program} swarm init" or "${context.program} swarm join" to connect this node to swarm and try again`,
    );
  const deployment = { context, engine, config, namespace: new Namespace(options.name), options };
  if (options.prune) await prune(deployment);
  await deployNetworks(deployment);
  await deployFiles(deployment, 'secret');
  await deployFiles(deployment, 'config');
  const ids = await deployServices(deployment);
  if (!options.detach) await waitOnAll(deployment, ids);
}

async function prune({ context, engine, config, namespace }: Deployment): Promise<void> {
  const kept = objectOf(config.services);
  const services = await stackServices(engine, namespace.name);
  const gone = services.filter(({ Spec }) => !Object.hasOwn(kept, namespace.descope(Spec.Name ?? '')));
  await removeAll(context, serviceRemovals(gone));
}

const failed = (what: string, thrown: unknown): CliError =>
  new CliError(`failed to ${what}: ${messageOf(thrown)}`, { cause: thrown });

async function checkExternal(engine: Client, name: string): Promise<void> {
  if (isReservedName(name)) return;
  const shown = JSON.stringify(name);
  let scope: string;
  try {
    scope = (await engine.get<{ Scope: string }>(`/networks/${encodeURIComponent(name)}`)).Scope;
  } catch (thrown) {
    if (!(thrown instanceof EngineError) || thrown.httpStatus !== 404) throw thrown;
    throw new CliError(
      `network ${shown} is declared as external, but could not be found. You need to create a swarm-scoped network before the stack is deployed`,
    );
  }
  if (scope !== 'swarm')
    throw new CliError(
      `network ${shown} is declared as external, but it is not in the right scope: ${JSON.stringify(scope)} instead of "swarm"`,
    );
}

async function deployNetworks({ context, engine, config, namespace }: Deployment): Promise<void> {
  const { own, external } = networksOf(config, namespace);
  for (const name of external) await checkExternal(engine, name);
  const there = new Set((await stackNetworks(engine, namespace.name)).map(({ Name }) => Name));
  for (const [name, body] of own) {
    if (there.has(name)) continue;
    await context.print(`Creating network ${name}\n`);
    await engine.text('POST', '/networks/create', { json: { Name: name, ...body } }).catch((thrown) => {
      throw failed(`create network ${name}`, thrown);
    });
  }
}

async function deployFiles(
  { context, engine, config, namespace }: Deployment,
  kind: FileKind,
): Promise<void> {
  for (const body of fileBodies(kind, config, namespace)) {
    const path = `/${kind}s/${encodeURIComponent(body.Name)}`;
    const before = await engine.get<SwarmObject<unknown>>(path).catch((thrown: unknown) => {
      if (thrown instanceof EngineError && thrown.httpStatus === 404) return undefined;
      throw thrown;
    });
    const update = before !== undefined;
    if (!update) await context.print(`Creating ${kind} ${body.Name}\n`);
    const to = update ? `/${kind}s/${before.ID}/update` : `/${kind}s/create`;
    const query = update ? { version: before.Version.Index } : {};
    await engine.text('POST', to, { json: body, query }).catch((thrown) => {
      throw failed(`${update ? 'update' : 'create'} ${kind} ${body.Name}`, thrown);
    });
  }
}

async function specOf(deployment: Deployment, name: string): Promise<ServiceSpec> {
  const { engine, config, namespace } = deployment;
  const service = objectOf(objectOf(config.services)[name]);
  const references = new References(engine);
  try {
    const where = { service, config, namespace };
    const secrets = await references.secrets(fileReferences('secret', where));
    const credential = textOf(objectOf(service.credential_spec).config);
    const named = textOf(objectOf(objectOf(config.configs)[credential]).name);
    const configs = await references.configs(
      fileReferences('config', where),
      credential === '' ? undefined : named || namespace.scope(credential),
    );
    secrets.sort((a, b) => (a.SecretName < b.SecretName ? -1 : 1));
    configs.sort((a, b) => (a.ConfigName < b.ConfigName ? -1 : 1));
    return convertService(service, { name, namespace, config, secrets, configs });
  } catch (thrown) {
    throw new CliError(`service ${name}: ${messageOf(thrown)}`, { cause: thrown });
  }
}

/** Resolves to the ids. */
async function deployServices(deployment: Deployment): Promise<string[]> {
  const { context, engine, config, namespace, options } = deployment;
  const specs = new Map<string, ServiceSpec>();
  for (const name of Object.keys(objectOf(config.services))) specs.set(name, await specOf(deployment, name));
  const there = new Map(
    (await stackServices(engine, namespace.name)).map((service) => [service.Spec.Name, service]),
  );
  const ids: string[] = [];
  for (const spec of specs.values()) {
    const image = spec.TaskTemplate.ContainerSpec?.Image ?? '';
    const auth = options.withRegistryAuth ? await authFor(context, image) : undefined;
    const before = there.get(spec.Name);
    ids.push(
      before === undefined
        ? await createOne(deployment, spec, auth)
        : await updateOne(deployment, spec, { before, auth }),
    );
  }
  return ids;
}

async function createOne(
  { context, engine, options }: Deployment,
  spec: ServiceSpec,
  auth: string | undefined,
): Promise<string> {
  await context.print(`Creating service ${spec.Name}\n`);
  const container = spec.TaskTemplate.ContainerSpec ?? {};
  spec.TaskTemplate.ContainerSpec = { ...container, Image: taggedImage(container.Image ?? '') };
  // Docker says nothing here where no registry answers.
  if (options.resolveImage !== 'never') await pinImage(engine, spec, auth);
  const headers: Record<string, string> = auth === undefined ? {} : { 'X-Registry-Auth': auth };
  try {
    return (await engine.json<Answer>('POST', '/services/create', { json: spec, headers })).ID;
  } catch (thrown) {
    throw failed(`create service ${spec.Name}`, thrown);
  }
}

async function updateOne(
  { context, options }: Deployment,
  spec: ServiceSpec,
  { before, auth }: { readonly before: Service; readonly auth: string | undefined },
): Promise<string> {
  await context.print(`Updating service ${spec.Name} (id: ${before.ID})\n`);
  const container = spec.TaskTemplate.ContainerSpec ?? {};
  const isSame = container.Image === before.Spec.Labels?.[imageLabel];
  const { resolveImage } = options;
  // The digest that was found before stays: another one would replace all tasks.
  if (isSame && resolveImage !== 'always')
    spec.TaskTemplate.ContainerSpec = {
      ...container,
      Image: before.Spec.TaskTemplate.ContainerSpec?.Image,
    };
  spec.TaskTemplate.ForceUpdate = before.Spec.TaskTemplate.ForceUpdate;
  const pin = resolveImage === 'always' || (resolveImage === 'changed' && !isSame);
  try {
    await updateService(context, before, { spec, auth, pin });
  } catch (thrown) {
    throw failed(`update service ${spec.Name}`, thrown);
  }
  return before.ID;
}

async function waitOnAll({ context, options }: Deployment, ids: readonly string[]): Promise<void> {
  const failures: string[] = [];
  for (const id of ids) {
    try {
      await waitOnService(context, id, options);
    } catch (thrown) {
      failures.push(`${id}: ${messageOf(thrown)}`);
    }
  }
  if (failures.length > 0) throw new CliError(failures.join('\n'));
}
