/** What changes something: only with a link of `seaway ui --write`. */
import { useState } from 'preact/hooks';
import type { MapContainer, MapNetwork } from '#client/map-answers.ts';
import { usePage } from './context.ts';
import { isUp, type Picture } from './look-up.ts';
import { Problem, Section } from './parts.tsx';

/** Does one thing at a time, and tells what it was refused with. */
function useDoing() {
  const { engine } = usePage();
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const act = (path: string, body?: unknown): void => {
    setBusy(true);
    setProblem('');
    engine
      .post(path, body)
      .catch((error: Error) => setProblem(error.message))
      .finally(() => setBusy(false));
  };
  return { isBusy, problem, act };
}

export function Actions({
  container,
  picture,
}: {
  readonly container: MapContainer;
  readonly picture: Picture;
}) {
  const { state } = usePage();
  const { isBusy, problem, act } = useDoing();
  if (!state.mayWrite) return null;
  const { Id, State } = container;
  const verbs = isUp(container) ? ['stop', 'restart', State === 'paused' ? 'unpause' : 'pause'] : ['start'];
  return (
    <Section title="Change">
      <div class="buttons">
        {verbs.map((verb) => (
          <button type="button" key={verb} disabled={isBusy} onClick={() => act(`/containers/${Id}/${verb}`)}>
            {verb}
          </button>
        ))}
      </div>
      <Publish {...{ isBusy, act, id: Id }} />
      <div class="buttons">
        {container.Networks.map((network) => (
          <button
            type="button"
            key={network}
            disabled={isBusy}
            onClick={() => act(`/networks/${network}/disconnect`, { Container: Id })}
          >
            disconnect from {picture.networkById.get(network)?.Name ?? network}
          </button>
        ))}
      </div>
      {problem && <Problem text={problem} />}
    </Section>
  );
}

interface Doing {
  readonly isBusy: boolean;
  readonly act: (path: string, body?: unknown) => void;
  readonly id: string;
}

function Publish({ isBusy, act, id }: Doing) {
  const [text, setText] = useState('');
  const [, host = '', port = '', protocol = 'tcp'] =
    /^(\d+):(\d+)(?:\/(tcp|udp|sctp))?$/.exec(text.trim()) ?? [];
  const add = { PortBindings: { [`${port}/${protocol}`]: [{ HostPort: host }] } };
  const ports = `/seaway/containers/${id}/ports`;
  return (
    <div class="buttons">
      <label>
        Port{' '}
        <input
          value={text}
          placeholder="8080:80"
          size={10}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <button type="button" disabled={isBusy || host === ''} onClick={() => act(`${ports}/add`, add)}>
        publish
      </button>
      <button
        type="button"
        disabled={isBusy || host === ''}
        onClick={() => act(`${ports}/remove`, { Ports: [`${host}/${protocol}`] })}
      >
        take back
      </button>
    </div>
  );
}

export function Connect({ picture, network }: { readonly picture: Picture; readonly network: MapNetwork }) {
  const { state } = usePage();
  const { isBusy, problem, act } = useDoing();
  const [id, setId] = useState('');
  if (!state.mayWrite || network.Driver === 'host' || network.Driver === 'null') return null;
  const others = picture.Containers.filter(
    ({ Networks, Joined }) => !Networks.includes(network.Id) && Joined === '',
  );
  return (
    <Section title="Change">
      <div class="buttons">
        <label>
          Container{' '}
          <select value={id} onChange={(event) => setId(event.currentTarget.value)}>
            <option value="">choose</option>
            {others.map(({ Id, Name }) => (
              <option key={Id} value={Id}>
                {Name}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          disabled={isBusy || id === ''}
          onClick={() => act(`/networks/${network.Id}/connect`, { Container: id })}
        >
          connect
        </button>
      </div>
      {problem && <Problem text={problem} />}
    </Section>
  );
}
