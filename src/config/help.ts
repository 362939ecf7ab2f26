/** The text of `seawayd --help`, from the table of settings. */
import { defaultConfigFile } from './defaults.ts';
import { idleSettings, settings } from './settings.ts';

interface Row {
  readonly flag: string;
  readonly short?: string;
  readonly label: string;
  readonly help: string;
}

const own: readonly Row[] = [
  { flag: 'config-file', label: 'string', help: `Configuration file (default "${defaultConfigFile}")` },
  { flag: 'help', short: 'h', label: '', help: 'Print usage' },
  { flag: 'keep-data', label: '', help: 'With --remove-all: keep the data root' },
  { flag: 'remove-all', label: '', help: 'Remove all that the engine has made on this machine and exit' },
  { flag: 'validate', label: '', help: 'Validate the configuration and exit' },
  { flag: 'version', short: 'v', label: '', help: 'Print version information and quit' },
];

/** Usage, options in alphabetical order, and ignored flags. */
export function usage(): string {
  const rows = [
    ...own,
    ...Object.values(settings).map((setting): Row => ({ ...setting, label: setting.kind.label })),
  ]
    .sort((a, b) => (a.flag < b.flag ? -1 : 1))
    .map((row) => [
      `  ${row.short === undefined ? '    ' : `-${row.short}, `}--${row.flag} ${row.label}`,
      row.help,
    ]);
  const width = Math.max(...rows.map(([left = '']) => left.length)) + 2;
  const options = rows.map(([left = '', help = '']) => `${left.padEnd(width)} ${help}`).join('\n');
  const idle = idleSettings.map(({ flag }) => `--${flag}`).join(' ');
  return `Usage:  seawayd [OPTIONS]

A container network engine behind the Docker Engine API.

Options:
${options}

Known and accepted without a use here:
  ${idle}
`;
}
