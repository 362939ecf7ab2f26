/** The firewall's rules that name what is chosen, grouped by their reasons. */
import { useState } from 'preact/hooks';
import type { MapRule } from '#client/map-answers.ts';
import { grouped } from './look-up.ts';
import { Code, isProblem, Problem, Section, useCall } from './parts.tsx';

interface Props {
  readonly query: Readonly<Record<string, string>>;
  /** They are asked for again when it changes. */
  readonly on: unknown;
}

export function Rules(props: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Section title="Rules of the firewall">
      <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? 'Hide them' : 'Show them, with their reasons'}
      </button>
      {isOpen && <RuleList {...props} />}
    </Section>
  );
}

function RuleList({ query, on }: Props) {
  const rules = useCall<readonly MapRule[]>('/seaway/map/rules', { query, on });
  if (!rules) return <p class="small">asking …</p>;
  if (isProblem(rules)) return <Problem text={rules.problem} />;
  if (rules.length === 0) return <p class="small">No rule names it.</p>;
  return (
    <ul class="rules">
      {Array.from(
        grouped(rules, ({ Reason }) => Reason),
        ([reason, theirs]) => (
          <li key={reason}>
            {reason}
            {theirs.map(({ Table, Chain, Text }) => (
              <Code key={`${Table} ${Chain} ${Text}`} text={`${Table} ${Chain}: ${Text}`} />
            ))}
          </li>
        ),
      )}
    </ul>
  );
}
