import type { ExplainedCause, Explanation } from '#client/seaway-answers.ts';
import { defineCommand } from '../command.ts';
import { switchFlag } from '../flags/flag.ts';
import { printable } from '../words/printable.ts';

export const command = defineCommand({
  takes: 'FROM TO[:PORT][/udp]',
  count: [2, 2],
  flags: {
    json: switchFlag('json', 'Print the answer of the engine as JSON'),
    verbose: switchFlag('verbose', 'Show the way of the packet, station by station', { short: 'v' }),
  },
  async run({ flags, operands: [from = '', to = ''], context }) {
    const engine = await context.engine();
    const told = await engine.get<Explanation>('/seaway/explain', { from, to, texts: flags.verbose });
    const text = flags.json
      ? `${JSON.stringify(told, undefined, 2)}\n`
      : explanationText(told, flags.verbose);
    await context.print(text);
    return told.Reaches && told.Cause === null ? 0 : 1;
  },
});

/** The first line tells it; the others help. */
export function explanationText(told: Explanation, isVerbose: boolean): string {
  const { From, To, Reaches, Cause } = told;
  const verdict = Reaches ? `${From} reaches ${To}` : `${From} does not reach ${To}`;
  const first = Cause ? `${verdict}${Reaches ? ', but' : ':'} ${Cause.Sentence}.` : `${verdict}.`;
  const lines = [first, ...(Cause ? causeLines(Cause) : []), ...(isVerbose ? ladder(told) : [])];
  return lines.map((line) => `${printable(line)}\n`).join('');
}

const field = (name: string, value: string): readonly string[] =>
  value === '' ? [] : [`  ${name.padEnd(7)}${value}`];

function causeLines({ Code, At, Rule, Cure }: ExplainedCause): readonly string[] {
  const place = Rule && (Rule.Number === 0 ? 'policy' : `rule ${Rule.Number}`);
  return [
    ...field('cause', Code),
    ...field('at', At),
    ...(Rule
      ? field(
          'rule',
          `${Rule.Table} ${Rule.Chain}, ${place}, of ${Rule.Owner}${Rule.Text ? `: ${Rule.Text}` : ''}`,
        )
      : []),
    ...(Rule ? field('reason', Rule.Reason) : []),
    ...field('cure', Cure),
  ];
}

const signs: Readonly<Record<string, string>> = { passed: '●', stopped: '✗', unseen: '○' };

function ladder({ Name, Probe, Path, Rules }: Explanation): readonly string[] {
  const width = Math.max(0, ...Path.map(({ At }) => At.length));
  const stations = Path.flatMap(({ At, What, State }, index) => [
    ...(index === 0 ? [] : ['  │']),
    `  ${signs[State] ?? '?'} ${At.padEnd(width)}  ${What}`.trimEnd(),
  ]);
  return [
    '',
    ...field('name', Name),
    ...field('probe', Probe),
    '',
    ...stations,
    ...(Rules.length > 0 ? ['', ...Rules.map((rule) => `  ${rule}`)] : []),
  ];
}
