/** Whether one end reaches another, and why not. */
import type { ExplainedCause, Explanation } from '#client/seaway-answers.ts';
import { usePage } from './context.ts';
import { beginWith, explain } from './explaining.ts';
import type { Choice, Picture } from './look-up.ts';
import { Code, Facts, isProblem, Problem, Section } from './parts.tsx';
import type { Question } from './store.ts';

/** To begin an explanation with what is shown. */
export function ExplainButtons({ choice }: { readonly choice: Choice }) {
  const { store } = usePage();
  return (
    <div class="buttons">
      <button type="button" onClick={() => beginWith(store, choice, 'from')}>
        What does it reach?
      </button>
      <button type="button" onClick={() => beginWith(store, choice, 'to')}>
        Who reaches it?
      </button>
    </div>
  );
}

export function ExplainPanel({ picture }: { readonly picture: Picture }) {
  const { state } = usePage();
  const { explanation } = state;
  return (
    <>
      <h2>Does it reach?</h2>
      <p class="small">
        Choose two things on the map or in the list, or name them: a container, a service, host, outside, an
        address.
      </p>
      <QuestionForm picture={picture} />
      <div class="answer" aria-live="polite">
        {explanation === 'asking' && <p class="small">A probe is sent …</p>}
        {isProblem(explanation) && <Problem text={explanation.problem} />}
        {typeof explanation === 'object' && !isProblem(explanation) && <Answer explanation={explanation} />}
      </div>
    </>
  );
}

function QuestionForm({ picture }: { readonly picture: Picture }) {
  const { store, engine, state } = usePage();
  const { question } = state;
  const change = (part: Partial<Question>): void =>
    store.set({ question: { ...question, ...part }, ends: [], explanation: undefined });
  const field = (name: 'from' | 'to' | 'port', label: string) => (
    <label class={name}>
      {label}
      <input
        type="text"
        value={question[name]}
        {...(name !== 'port' && { list: 'ends' })}
        spellcheck={false}
        onInput={(event) => change({ [name]: event.currentTarget.value.trim() })}
      />
    </label>
  );
  const ask = (event: Event): void => {
    event.preventDefault();
    void explain(store, engine);
  };
  return (
    <form class="question" onSubmit={ask}>
      {field('from', 'From')}
      {field('to', 'To')}
      {field('port', 'Port')}
      <label class="protocol">
        Protocol
        <select
          value={question.protocol}
          onChange={(event) => change({ protocol: event.currentTarget.value })}
        >
          <option>tcp</option>
          <option>udp</option>
        </select>
      </label>
      <button
        type="submit"
        disabled={question.from === '' || question.to === '' || state.explanation === 'asking'}
      >
        Explain
      </button>
      <datalist id="ends">
        {[
          'host',
          'outside',
          ...new Set([...picture.Containers, ...picture.Services].map(({ Name }) => Name)),
        ].map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </form>
  );
}

function Answer({ explanation }: { readonly explanation: Explanation }) {
  const { From, To, Reaches, Cause, Name, Probe, Path, Rules } = explanation;
  const verdict = Reaches ? `${From} reaches ${To}` : `${From} does not reach ${To}`;
  return (
    <>
      <p class={`verdict ${Reaches ? (Cause ? 'warn' : 'good') : 'bad'}`}>
        <strong>{verdict}</strong>
        {Cause && `${Reaches ? ', but' : ':'} ${Cause.Sentence}.`}
      </p>
      {Cause && <CauseFacts cause={Cause} />}
      <Facts
        facts={[
          ['Name', Name],
          ['Probe', Probe],
        ]}
      />
      <ol class="ladder">
        {Path.map(({ At, What, State }, index) => (
          <li key={`${index} ${At}`} class={State}>
            <strong>{At}</strong> {What} <span class="hidden">{State}</span>
          </li>
        ))}
      </ol>
      {Rules.length > 0 && (
        <Section title="Rules that were passed">
          {Rules.map((rule) => (
            <Code key={rule} text={rule} />
          ))}
        </Section>
      )}
    </>
  );
}

function CauseFacts({ cause: { Code: code, At, Cure, Rule } }: { readonly cause: ExplainedCause }) {
  const place = Rule && (Rule.Number === 0 ? 'policy' : `rule ${Rule.Number}`);
  return (
    <Facts
      facts={[
        ['Cause', code],
        ['At', At],
        [
          'Rule',
          Rule && <Code text={`${Rule.Table} ${Rule.Chain}, ${place}, of ${Rule.Owner}: ${Rule.Text}`} />,
        ],
        ['Reason', Rule?.Reason],
        ['Cure', Cure && <Code text={Cure} />],
      ]}
    />
  );
}
