/** Sends a changed spec of a service. */
import type { Client } from '#client/client.ts';
import type { Context } from '../context.ts';
import { pinImage, taggedImage } from './images.ts';
import type { Answer, Service, ServiceSpec } from './types.ts';

export interface UpdateRequest {
  readonly spec: ServiceSpec;
  /** The header X-Registry-Auth. */
  readonly auth?: string;
  /** Keep the credentials that the service has. */
  readonly keepAuth?: boolean;
  readonly rollback?: boolean;
  /** Ask the registry for the image's digest. */
  readonly pin?: boolean;
}

/** As the command line names it. Throws `EngineError`. */
export const inspectService = (engine: Client, name: string): Promise<Service> =>
  engine.get<Service>(`/services/${encodeURIComponent(name)}`, { insertDefaults: 'false' });

/** Sends it, and prints the engine's warnings. */
export async function updateService(
  context: Context,
  service: Service,
  { spec, auth, keepAuth = false, rollback = false, pin = false }: UpdateRequest,
): Promise<void> {
  const engine = await context.engine();
  const container = spec.TaskTemplate.ContainerSpec;
  if (container?.Image !== undefined)
    spec.TaskTemplate.ContainerSpec = { ...container, Image: taggedImage(container.Image) };
  const warning = pin ? await pinImage(engine, spec, auth) : undefined;
  const query = {
    registryAuthFrom: keepAuth ? 'spec' : undefined,
    rollback: rollback ? 'previous' : undefined,
    version: service.Version.Index,
  };
  const headers: Record<string, string> = auth === undefined ? {} : { 'X-Registry-Auth': auth };
  const path = `/services/${encodeURIComponent(service.ID)}/update`;
  const answer = await engine.json<Partial<Answer>>('POST', path, { json: spec, query, headers });
  for (const each of [...(answer.Warnings ?? []), warning]) if (each !== undefined) context.complain(each);
}
