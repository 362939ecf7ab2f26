/** `/secrets` and `/configs`. */
import type { SwarmFileVerbs, SwarmVerbs } from '../../engine/swarm-verbs.ts';
import { fail } from '../../errors.ts';
import type { Meta } from '../../swarm/records.ts';
import type { FileSpec } from '../../swarm/spec.ts';
import { logDriver } from '../create/cluster-spec.ts';
import { omitEmpty } from '../create/omit-empty.ts';
import { parseFilters } from '../filters.ts';
import { presentConfig, presentSecret } from '../presenters/swarm.ts';
import { created, empty, json, post, type Route, route } from '../route.ts';
import { type FileSpecBody, fileSpec } from '../schemas/swarm.ts';
import { inOrder, passesNames, ref, versionOf } from './swarm-queries.ts';

/** Filters; that of whole names is of secrets alone. */
const known = { secret: ['names', 'name', 'id', 'label'], config: ['name', 'id', 'label'] } as const;

type FileRecord = Meta & { readonly spec: FileSpec };

interface Kind<T extends FileRecord> {
  readonly name: 'secret' | 'config';
  readonly title: 'SecretSpec' | 'ConfigSpec';
  readonly verbs: (swarm: SwarmVerbs) => SwarmFileVerbs<T, FileSpec>;
  readonly present: (record: T) => object;
}

/** Throws BAD_REQUEST where the data is no base64. */
function specOf(body: FileSpecBody, title: string): FileSpec {
  const { Name = '', Labels = {}, Data: data = '', Driver, Templating } = body;
  const bare = data.replaceAll(/[\r\n]/g, '');
  const at = bare.search(/[^A-Za-z0-9+/]/);
  if (Buffer.from(bare, 'base64').toString('base64') !== bare)
    throw fail(
      'BAD_REQUEST',
      `invalid JSON: json: cannot unmarshal string into Go struct field ${title}.Data of type []uint8: illegal base64 data at input byte ${at < 0 ? bare.length : at}`,
    );
  return {
    ...{ Name, Labels },
    ...omitEmpty({ Data: bare }),
    ...(Driver && { Driver: logDriver(Driver) }),
    ...(Templating && { Templating: logDriver(Templating) }),
  };
}

function fileRoutes<T extends FileRecord>({ name, title, verbs, present }: Kind<T>): readonly Route[] {
  const schema = fileSpec(title);
  const path = `/${name}s`;
  return [
    route('GET', path, ({ engine, query }) => {
      const filters = parseFilters(query.text('filters'), known[name]);
      const found = inOrder(verbs(engine.swarm).list()).filter(
        ({ id, spec }) =>
          passesNames(filters, { id, name: spec.Name }) &&
          filters.exactly('names', spec.Name) &&
          filters.labels('label', spec.Labels),
      );
      return json(found.map(present));
    }),
    post(`${path}/create`, schema, async ({ engine, body }) =>
      created({ ID: await verbs(engine.swarm).create(specOf(body, title)) }),
    ),
    route('GET', `${path}/:id`, (call) => json(present(verbs(call.engine.swarm).get(ref(call))))),
    post(`${path}/:id/update`, schema, async (call) => {
      const version = versionOf(call.query, name);
      await verbs(call.engine.swarm).update(ref(call), { version, spec: specOf(call.body, title) });
      return empty(200);
    }),
    route('DELETE', `${path}/:id`, async (call) => {
      await verbs(call.engine.swarm).remove(ref(call));
      return empty(204);
    }),
  ];
}

export const swarmFileRoutes: readonly Route[] = [
  ...fileRoutes({
    ...{ name: 'secret', title: 'SecretSpec', present: presentSecret },
    verbs: (swarm) => swarm.secrets,
  }),
  ...fileRoutes({
    ...{ name: 'config', title: 'ConfigSpec', present: presentConfig },
    verbs: (swarm) => swarm.configs,
  }),
];
