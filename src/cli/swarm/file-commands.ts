/** The commands of secrets, and the same ones of configs. */
import { filtersQuery } from '#client/client.ts';
import { parseJson } from '#client/json.ts';
import { type Command, defineCommand } from '../command.ts';
import { forEach } from '../commands/each.ts';
import { CliError } from '../failure.ts';
import { filterFlag, formatFlag, listFlag, switchFlag, textFlag } from '../flags/flag.ts';
import { recordOf } from '../spec/labels.ts';
import { renderList } from '../table/listing.ts';
import { naturalOrder } from '../words/text.ts';
import type { FileKind } from './file-references.ts';
import { dataOf, fileListing, prettyFile, type SwarmFile } from './files.ts';
import { inspectFlags, inspectPretty } from './inspecting.ts';
import type { Answer } from './types.ts';

const many = Number.POSITIVE_INFINITY;

const commonFlags = (kind: string) => ({
  labels: listFlag('label', `${kind} labels`, { short: 'l' }),
  templateDriver: textFlag('template-driver', 'Template driver'),
});

export const secretCreate = defineCommand({
  takes: 'SECRET [file|-]',
  count: [1, 2],
  flags: { driver: textFlag('driver', 'Secret driver', { short: 'd' }), ...commonFlags('Secret') },
  async run({ flags, operands, context }) {
    const [name, file = ''] = operands;
    if (flags.driver !== '' && file !== '')
      throw new CliError('When using secret driver secret data must be empty');
    const data = flags.driver === '' ? await dataOf(context, file === '' ? '-' : file) : undefined;
    const engine = await context.engine();
    const json = {
      Name: name,
      Labels: recordOf(flags.labels),
      Data: data?.toString('base64'),
      Driver: flags.driver === '' ? undefined : { Name: flags.driver },
      Templating: flags.templateDriver === '' ? undefined : { Name: flags.templateDriver },
    };
    const { ID } = await engine.json<Answer>('POST', '/secrets/create', { json });
    await context.print(`${ID}\n`);
  },
});

export const configCreate = defineCommand({
  takes: 'CONFIG file|-',
  count: [2, 2],
  flags: commonFlags('Config'),
  async run({ flags, operands, context }) {
    const [name, file = ''] = operands;
    const data = await dataOf(context, file);
    const engine = await context.engine();
    const json = {
      Name: name,
      Labels: recordOf(flags.labels),
      Data: data.toString('base64'),
      Templating: flags.templateDriver === '' ? undefined : { Name: flags.templateDriver },
    };
    const { ID } = await engine.json<Answer>('POST', '/configs/create', { json });
    await context.print(`${ID}\n`);
  },
});

const takesOf = (kind: FileKind): string => `${kind.toUpperCase()} [${kind.toUpperCase()}...]`;

export const listCommand = (kind: FileKind): Command =>
  defineCommand({
    flags: {
      filter: filterFlag('Filter output based on conditions provided'),
      format: formatFlag('Format output: table, table TEMPLATE, json, TEMPLATE'),
      quiet: switchFlag('quiet', 'Only display IDs', { short: 'q' }),
    },
    async run({ flags, context }) {
      const engine = await context.engine();
      const found = await engine.get<SwarmFile[] | null>(`/${kind}s`, {
        filters: filtersQuery(flags.filter),
      });
      const sorted = (found ?? []).sort((a, b) => naturalOrder(a.Spec.Name, b.Spec.Name));
      const { secretFormat, configFormat } = await context.config();
      const usual = kind === 'secret' ? secretFormat : configFormat;
      const format = flags.format || (flags.quiet ? '' : (usual ?? ''));
      const listing = fileListing(kind, Date.now());
      await context.print(renderList(listing, sorted, { format, quiet: flags.quiet }));
    },
  });

export const inspectCommand = (kind: FileKind): Command =>
  defineCommand({
    takes: takesOf(kind),
    count: [1, many],
    flags: inspectFlags,
    async run({ flags, operands, context }) {
      const engine = await context.engine();
      return inspectPretty(context, operands, {
        format: flags.format,
        isPretty: flags.pretty,
        fetch: (name) => engine.text('GET', `/${kind}s/${encodeURIComponent(name)}`),
        pretty: (text) => prettyFile(kind, parseJson(text) as SwarmFile),
      });
    },
  });

export const removeCommand = (kind: FileKind): Command =>
  defineCommand({
    takes: takesOf(kind),
    count: [1, many],
    flags: {},
    async run({ operands, context }) {
      const engine = await context.engine();
      return forEach(context, operands, async (name) => {
        await engine.text('DELETE', `/${kind}s/${encodeURIComponent(name)}`);
        return name;
      });
    },
  });
