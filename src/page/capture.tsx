/** Packets of what is chosen, as a file for Wireshark. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { usePage } from './context.ts';
import type { Engine } from './engine.ts';
import { Problem, Section } from './parts.tsx';
import { bytesText } from './rates.ts';

/** Bytes after which a capture ends: it is kept in the memory of the browser. */
const most = 50_000_000;

export function Capture({ what }: { readonly what: string }) {
  const { engine } = usePage();
  const [filter, setFilter] = useState('');
  const [bytes, setBytes] = useState(0);
  const [problem, setProblem] = useState('');
  const end = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => end.current?.abort(), [what]);
  const isOn = end.current !== undefined;
  const begin = async (): Promise<void> => {
    end.current = new AbortController();
    setProblem('');
    setBytes(0);
    await record(engine, { what, filter, end: end.current, more: setBytes }).catch((error: Error) =>
      setProblem(error.message),
    );
    end.current = undefined;
    setBytes(0);
  };
  return (
    <Section title="Packets">
      <label>
        Filter{' '}
        <input
          value={filter}
          placeholder="tcp port 80"
          spellcheck={false}
          disabled={isOn}
          onInput={(event) => setFilter(event.currentTarget.value)}
        />
      </label>{' '}
      <button type="button" onClick={() => (isOn ? end.current?.abort() : void begin())}>
        {isOn ? 'End and save' : 'Capture'}
      </button>
      {isOn && <span class="small"> {bytesText(bytes)}</span>}
      {problem && <Problem text={problem} />}
    </Section>
  );
}

interface Recording {
  readonly what: string;
  readonly filter: string;
  readonly end: AbortController;
  readonly more: (bytes: number) => void;
}

async function record(engine: Engine, { what, filter, end, more }: Recording): Promise<void> {
  const parts = await engine.record('/seaway/capture', {
    query: { what, ...(filter && { filter }) },
    signal: end.signal,
    more: (bytes) => {
      more(bytes);
      if (bytes > most) end.abort();
    },
  });
  save(new Blob([...parts], { type: 'application/x-pcapng' }), `${what.replaceAll(/[^\w.-]+/g, '-')}.pcapng`);
}

function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
