import { filtersQuery } from '#client/client.ts';
import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';
import { filterFlag, switchFlag } from '../../flags/flag.ts';
import { confirm, reclaimed } from '../confirm.ts';

interface Answer {
  readonly ContainersDeleted?: readonly string[] | null;
  readonly NetworksDeleted?: readonly string[] | null;
  readonly VolumesDeleted?: readonly string[] | null;
  readonly ImagesDeleted?: readonly { readonly Untagged?: string; readonly Deleted?: string }[] | null;
  readonly SpaceReclaimed?: number;
}

function warningOf(all: boolean, volumes: boolean): string {
  const items = [
    'all stopped containers',
    'all networks not used by at least one container',
    ...(volumes ? ['all anonymous volumes not used by at least one container'] : []),
    all ? 'all images without at least one container associated to them' : 'all dangling images',
  ];
  return `WARNING! This will remove:\n${items.map((item) => `  - ${item}\n`).join('')}`;
}

const section = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? '' : `${title}:\n${lines.join('\n')}\n\n`;

export const command = defineCommand({
  flags: {
    all: switchFlag('all', 'Remove all unused images not just dangling ones', { short: 'a' }),
    filter: filterFlag('Provide filter values (e.g. "label=<key>=<value>")', {}),
    force: switchFlag('force', 'Do not prompt for confirmation', { short: 'f' }),
    volumes: switchFlag('volumes', 'Prune anonymous volumes'),
  },
  async run({ flags, context }) {
    if (flags.volumes && flags.filter.until !== undefined)
      throw new CliError('ERROR: The "until" filter is not supported with "--volumes"');
    if (!flags.force && !(await confirm(context, warningOf(flags.all, flags.volumes)))) return 0;
    const engine = await context.engine();
    let total = 0;
    const prune = async (
      path: string,
      filters: Readonly<Record<string, readonly string[]>>,
    ): Promise<Answer> => {
      const answer = await engine.json<Answer>('POST', path, { query: { filters: filtersQuery(filters) } });
      total += answer.SpaceReclaimed ?? 0;
      return answer;
    };
    const containers = await prune('/containers/prune', flags.filter);
    await context.print(section('Deleted Containers', containers.ContainersDeleted ?? []));
    const networks = await prune('/networks/prune', flags.filter);
    await context.print(section('Deleted Networks', networks.NetworksDeleted ?? []));
    if (flags.volumes) {
      const volumes = await prune('/volumes/prune', flags.filter);
      await context.print(section('Deleted Volumes', volumes.VolumesDeleted ?? []));
    }
    const images = await prune('/images/prune', {
      ...flags.filter,
      dangling: [flags.all ? 'false' : 'true'],
    });
    const lines = (images.ImagesDeleted ?? []).map(({ Untagged, Deleted }) =>
      Untagged ? `untagged: ${Untagged}` : `deleted: ${Deleted}`,
    );
    await context.print(section('Deleted Images', lines) + reclaimed(total));
    return 0;
  },
});
