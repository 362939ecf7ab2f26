import { defineCommand } from '../../command.ts';
import { formatFlag } from '../../flags/flag.ts';
import { renderList } from '../../table/listing.ts';

interface Change {
  readonly Path: string;
  readonly Kind: number;
}

const kinds = ['C', 'A', 'D'];

export const command = defineCommand({
  takes: 'CONTAINER',
  count: [1, 1],
  flags: { format: formatFlag('Format output: TEMPLATE', { hidden: true }) },
  async run({ flags, operands, context }) {
    const engine = await context.engine();
    const changes = await engine.get<Change[] | null>(
      `/containers/${encodeURIComponent(operands[0] ?? '')}/changes`,
    );
    const listing = {
      columns: {
        Type: { header: 'CHANGE TYPE', value: ({ Kind }: Change) => kinds[Kind] ?? '' },
        Path: { header: 'PATH', value: ({ Path }: Change) => Path },
      },
      table: '{{.Type}} {{.Path}}',
      type: '*formatter.diffContext',
    };
    await context.print(renderList(listing, changes ?? [], { format: flags.format }));
  },
});
