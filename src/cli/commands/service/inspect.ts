import type { Client } from '#client/client.ts';
import { EngineError } from '#client/errors.ts';
import { parseJson } from '#client/json.ts';
import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import { inspectFlags, inspectPretty } from '../../swarm/inspecting.ts';
import { prettyService } from '../../swarm/service-pretty.ts';
import type { Service } from '../../swarm/types.ts';

async function networkNames(engine: Client, service: Service): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for (const { Target } of service.Spec.TaskTemplate.Networks ?? []) {
    try {
      const path = `/networks/${encodeURIComponent(Target)}`;
      const { Id, Name } = await engine.get<{ Id: string; Name: string }>(path, { scope: 'swarm' });
      names.set(Id, Name);
    } catch (thrown) {
      // A network that is gone is shown by its id.
      if (!(thrown instanceof EngineError)) throw thrown;
    }
  }
  return names;
}

export const command = defineCommand({
  takes: 'SERVICE [SERVICE...]',
  count: [1, Number.POSITIVE_INFINITY],
  flags: inspectFlags,
  async run({ flags, operands, context }) {
    const engine = await context.engine();
    const fetch = async (name: string): Promise<string> => {
      const path = `/services/${encodeURIComponent(name)}`;
      try {
        return await engine.text('GET', path, { query: { insertDefaults: 'true' } });
      } catch (thrown) {
        if (!(thrown instanceof EngineError) || thrown.httpStatus !== 404) throw thrown;
        throw new CliError(`Error: no such service: ${name}`);
      }
    };
    const pretty = async (text: string): Promise<string> => {
      const service = parseJson(text) as Service;
      return prettyService(service, { networks: await networkNames(engine, service), now: Date.now() });
    };
    return inspectPretty(context, operands, { format: flags.format, isPretty: flags.pretty, fetch, pretty });
  },
});
