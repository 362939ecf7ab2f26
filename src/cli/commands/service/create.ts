import { defineCommand } from '../../command.ts';
import { waitOnService } from '../../swarm/convergence.ts';
import { pinImage, taggedImage } from '../../swarm/images.ts';
import { References } from '../../swarm/references.ts';
import { createFlags } from '../../swarm/service-flags.ts';
import { serviceSpec } from '../../swarm/service-spec.ts';
import type { Answer } from '../../swarm/types.ts';
import { authFor } from '../credentials.ts';

export const command = defineCommand({
  takes: 'IMAGE [COMMAND] [ARG...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: createFlags,
  passThrough: true,
  async run({ flags, given, operands, context }) {
    const [image = '', ...args] = operands;
    const engine = await context.engine();
    const spec = await serviceSpec({ flags, given, image, args, env: context.env }, new References(engine));
    const auth = flags.withRegistryAuth ? await authFor(context, image) : undefined;
    spec.TaskTemplate.ContainerSpec = { ...spec.TaskTemplate.ContainerSpec, Image: taggedImage(image) };
    const warning = flags.noResolveImage ? undefined : await pinImage(engine, spec, auth);
    const headers: Record<string, string> = auth === undefined ? {} : { 'X-Registry-Auth': auth };
    const answer = await engine.json<Answer>('POST', '/services/create', { json: spec, headers });
    for (const each of [...(answer.Warnings ?? []), warning]) if (each !== undefined) context.complain(each);
    await context.print(`${answer.ID}\n`);
    if (!flags.detach) await waitOnService(context, answer.ID, flags);
  },
});
