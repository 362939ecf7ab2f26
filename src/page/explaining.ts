/** The two ends of an explanation, typed or chosen on the map. */
import type { Explanation } from '#client/seaway-answers.ts';
import type { Engine } from './engine.ts';
import { type Choice, endOf } from './look-up.ts';
import type { Question, Store } from './store.ts';

export function targetText({ to, port, protocol }: Question): string {
  const isAddress6 = to.includes(':');
  const name = isAddress6 && port !== '' ? `[${to}]` : to;
  return `${name}${port === '' ? '' : `:${port}`}${protocol === 'tcp' ? '' : `/${protocol}`}`;
}

export async function explain(store: Store, engine: Engine): Promise<void> {
  const { question } = store.state;
  if (question.from === '' || question.to === '') return;
  store.set({ explanation: 'asking' });
  const query = { from: question.from, to: targetText(question) };
  const explanation = await engine
    .get<Explanation>('/seaway/explain', query)
    .catch((error: Error) => ({ problem: error.message }));
  // another one may have been asked meanwhile
  if (store.state.question === question) store.set({ explanation });
}

/** The first choice is the sender, the second one the receiver, the third one the sender again. */
export function chooseEnd(store: Store, engine: Engine, choice: Choice): void {
  const { picture, ends, question } = store.state;
  const name = picture && endOf(picture, choice);
  if (name === undefined) return;
  const isFirst = ends.length !== 1;
  store.set({
    ends: isFirst ? [choice] : [...ends, choice],
    question: isFirst ? { ...question, from: name, to: '', port: '' } : { ...question, to: name },
    explanation: undefined,
  });
  if (!isFirst) void explain(store, engine);
}

/** From the details of something: it is one end, and the other is asked for. */
export function beginWith(store: Store, choice: Choice, end: 'from' | 'to'): void {
  const { picture, question } = store.state;
  const name = picture && endOf(picture, choice);
  if (name === undefined) return;
  const isFrom = end === 'from';
  store.set({
    ...{ panel: 'explain', view: 'panel', explanation: undefined, ends: isFrom ? [choice] : [] },
    question: isFrom
      ? { ...question, from: name, to: '', port: '' }
      : { ...question, from: '', to: name, port: '' },
  });
}
