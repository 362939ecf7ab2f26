/** Small parts of the panels. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { usePage } from './context.ts';

/** Names and values; what is empty is left out. */
export function Facts({ facts }: { readonly facts: readonly (readonly [string, ComponentChildren])[] }) {
  const given = facts.filter(([, value]) => value !== '' && value !== undefined && value !== null);
  return (
    <dl>
      {given.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function Section({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ComponentChildren;
}) {
  return (
    <section class="part">
      <h3>{title}</h3>
      {children}
    </section>
  );
}

export const Code = ({ text }: { readonly text: string }) => <code class="wrap">{text}</code>;

/** A call whose answer is shown: asked when it is first drawn, and again when `on` changes. */
export function useCall<T>(
  path: string,
  { query, on }: { readonly query?: Readonly<Record<string, string>>; readonly on: unknown },
): T | { readonly problem: string } | undefined {
  const { engine } = usePage();
  const [answer, setAnswer] = useState<T | { readonly problem: string }>();
  useEffect(() => {
    let isWanted = true;
    engine
      .get<T>(path, query)
      .catch((error: Error) => ({ problem: error.message }))
      .then((got) => isWanted && setAnswer(got));
    return () => {
      isWanted = false;
    };
  }, [path, JSON.stringify(query), on]);
  return answer;
}

export const isProblem = (answer: unknown): answer is { readonly problem: string } =>
  typeof answer === 'object' && answer !== null && 'problem' in answer;

export const Problem = ({ text }: { readonly text: string }) => (
  <p class="problem" role="alert">
    {text}
  </p>
);
