/** What does not hold, and what the doctor finds. */
import type { MapTrouble } from '#client/map-answers.ts';
import type { Examination } from '#client/seaway-answers.ts';
import { type Page, usePage } from './context.ts';
import { timeText } from './details.tsx';
import type { Choice, Picture } from './look-up.ts';
import { Code, isProblem, Problem, Section } from './parts.tsx';

export function TroublesPanel({ picture }: { readonly picture: Picture }) {
  const { Troubles } = picture;
  return (
    <>
      <h2>Troubles</h2>
      {Troubles.length === 0 && <p>Everything holds as it should.</p>}
      <ul class="troubles">
        {Troubles.map((trouble) => (
          <Trouble key={`${trouble.At} ${trouble.Why}`} trouble={trouble} />
        ))}
      </ul>
      <Doctor />
    </>
  );
}

function Trouble({ trouble: { Kind, Id, At, Why, Since, NextAttempt } }: { readonly trouble: MapTrouble }) {
  const { store } = usePage();
  const choice: Choice =
    Kind === 'host' ? { kind: 'host', id: '' } : { kind: Kind as 'network' | 'container' | 'node', id: Id };
  return (
    <li>
      <button type="button" class="link-button" onClick={() => store.set({ choice, panel: 'details' })}>
        {At}
      </button>
      : {Why}
      {Since && <span class="small"> since {timeText(Since)}</span>}
      {NextAttempt && <span class="small">, next attempt {timeText(NextAttempt)}</span>}
    </li>
  );
}

async function examine({ store, engine }: Page, isFixing: boolean): Promise<void> {
  store.set({ examination: 'asking' });
  try {
    if (isFixing) await engine.post('/seaway/doctor/fix');
    store.set({ examination: await engine.get<Examination>('/seaway/doctor') });
  } catch (error) {
    store.set({ examination: { problem: error instanceof Error ? error.message : String(error) } });
  }
}

function Doctor() {
  const { store, engine, state } = usePage();
  const { examination, mayWrite } = state;
  const found = typeof examination === 'object' && !isProblem(examination) ? examination : undefined;
  const isCurable = mayWrite && found?.Findings.some(({ Would }) => Would.length > 0);
  return (
    <Section title="Doctor">
      <p class="small">Compares all records with the kernel, and looks at pitfalls of the host.</p>
      <div class="buttons">
        <button
          type="button"
          disabled={examination === 'asking'}
          onClick={() => void examine({ store, engine }, false)}
        >
          Examine
        </button>
        {isCurable && (
          <button type="button" onClick={() => void examine({ store, engine }, true)}>
            Cure what can be cured
          </button>
        )}
      </div>
      <div aria-live="polite">
        {examination === 'asking' && <p class="small">looking …</p>}
        {isProblem(examination) && <Problem text={examination.problem} />}
        {found && <Findings found={found} />}
      </div>
    </Section>
  );
}

function Findings({ found: { Compared, Findings: all } }: { readonly found: Examination }) {
  if (all.length === 0)
    return <p>Nothing is wrong: {Compared} scopes agree with the records, and so does the host.</p>;
  return (
    <ul class="troubles">
      {all.map(({ Code: code, Sentence, Cure, Would }) => (
        <li key={Sentence}>
          {Sentence}. <span class="small">{code}</span>
          {Would.map((one) => (
            <div class="small" key={one}>
              would {one}
            </div>
          ))}
          <Code text={Cure} />
        </li>
      ))}
    </ul>
  );
}
