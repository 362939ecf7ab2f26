import type { Examination, Finding } from '#client/seaway-answers.ts';
import { defineCommand } from '../command.ts';
import { UsageError } from '../failure.ts';
import { switchFlag } from '../flags/flag.ts';
import { printable } from '../words/printable.ts';

export const command = defineCommand({
  flags: {
    dryRun: switchFlag('dry-run', 'Change nothing (default)'),
    fix: switchFlag('fix', 'Cure what can be cured'),
    json: switchFlag('json', 'Print the answer of the engine as JSON'),
  },
  async run({ flags, context }) {
    if (flags.fix && flags.dryRun) throw new UsageError('--fix and --dry-run exclude each other');
    const engine = await context.engine();
    const told = flags.fix
      ? await engine.json<Examination>('POST', '/seaway/doctor/fix')
      : await engine.get<Examination>('/seaway/doctor');
    await context.print(flags.json ? `${JSON.stringify(told, undefined, 2)}\n` : examinationText(told));
    return told.Findings.some(({ Outcome }) => Outcome !== 'fixed') ? 1 : 0;
  },
});

export function examinationText({ Compared, Findings }: Examination): string {
  if (Findings.length === 0)
    return `Nothing is wrong: ${Compared} scopes agree with the records, and so does the host.\n`;
  return Findings.map(findingText).join('');
}

const signs: Readonly<Record<string, string>> = { open: '✗', fixed: '✓', failed: '✗' };

function findingText({ Code, Sentence, Would, Cure, Outcome, Error: why }: Finding): string {
  const lines = [
    `${signs[Outcome] ?? '?'} ${Sentence}${Outcome === 'fixed' ? ': cured' : ''}.`,
    `    cause  ${Code}`,
    ...(why === '' ? [] : [`    failed ${why}`]),
    ...(Outcome === 'open' ? Would.map((one) => `    would  ${one}`) : []),
    ...(Outcome === 'fixed' ? [] : [`    cure   ${Cure}`]),
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}
