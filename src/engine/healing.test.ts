import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import type { KernelEvent } from '../kernel/events.ts';
import { Tracer } from '../observe/trace.ts';
import { heal } from './healing.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** An engine with networks `one` and `two`; `answers` are the actions that a scope takes, or why it fails. */
function engine(answers: Readonly<Record<string, number | Error>> = {}) {
  const { model, network } = world();
  const [one, two] = [network('one'), network('two')];
  const nameOf = (id: string): string => model.get('networks', id)?.name ?? id;
  const done: string[] = [];
  const told: string[] = [];
  let emit: (event: KernelEvent) => void = () => undefined;
  const restore = (what: (id: string) => string) => async (id: string) => {
    const scope = what(id);
    done.push(scope);
    const answer = answers[scope] ?? 0;
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const core = {
    model,
    kernel: {
      watch(listener: typeof emit) {
        emit = listener;
        return () => undefined;
      },
      watchSysctl: () => () => undefined,
      host: { route: { listLinks: () => [] } },
    },
    reconciler: {
      onAgreement: () => () => undefined,
      onInnerEvent: () => () => undefined,
      onAction: () => () => undefined,
      restoreNetwork: restore(nameOf),
      restoreSandbox: restore((id) => id),
      restoreFirewall: restore(() => 'firewall'),
      restoreForwarding: restore(() => 'forwarding'),
    },
    retries: { has: () => false, hurry: () => void done.push('hurry') },
    networkFiles: { follow: async () => undefined },
    sharing: { released: async () => undefined },
    resolver: {},
    firewalld: { follow: async () => undefined },
    hostPorts: {},
    relays: { follow: async () => undefined },
    tracer: new Tracer(),
    events: { emit: ({ action }: { action: string }) => void told.push(action) },
    logger: { info: () => undefined, warn: (text: string) => void told.push(text), error: () => undefined },
  };
  const end = heal(core as unknown as Parameters<typeof heal>[0], { managers: async () => [] });
  const gone = (link: string): void => emit({ subject: 'link', action: 'del', name: link });
  return { done, told, end, emit: (event: KernelEvent) => emit(event), gone, one, two };
}

it('many events of a moment are followed by one look at each network that they name', async () => {
  const { done, gone, one, two, end } = engine();
  for (const { link } of [one, two, one, two, one]) gone(link);
  await vi.advanceTimersByTimeAsync(99);
  expect(done).toEqual([]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(done).toEqual(['one', 'two']);
  end();
});

it('events that do not end do not put the look off', async () => {
  const { done, gone, one, end } = engine();
  for (let time = 0; time < 4; time++) {
    gone(one.link);
    await vi.advanceTimersByTimeAsync(60);
  }
  expect(done.length).toBeGreaterThan(0);
  end();
});

it('what was put back is told; what was as it should be is not', async () => {
  const { told, gone, one, two, end } = engine({ one: 3 });
  gone(one.link);
  gone(two.link);
  await vi.advanceTimersByTimeAsync(200);
  expect(told).toEqual(['put back what another program has changed', 'heal']);
  end();
});

it('one that fails keeps neither another one nor the firewall from being looked at', async () => {
  const { done, emit, gone, one, two, end } = engine({ one: new Error('no') });
  gone(one.link);
  gone(two.link);
  emit({ subject: 'firewall', action: 'del', name: 'ip nat' });
  await vi.advanceTimersByTimeAsync(200);
  expect(done).toEqual(['one', 'two', 'firewall']);
  end();
});

it('who takes it away again and again is answered more slowly, and named once', async () => {
  const { done, told, gone, one, end } = engine({ one: 1 });
  for (let second = 0; second < 30; second++) {
    gone(one.link);
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(done.length).toBeGreaterThan(9);
  expect(done.length).toBeLessThan(20);
  expect(told.filter((text) => text.startsWith('a program keeps changing'))).toHaveLength(1);
  end();
});

it('an address that arrives hurries what is tried again', async () => {
  const { done, emit, end } = engine();
  emit({ subject: 'address', action: 'new', name: 'up0' });
  await vi.advanceTimersByTimeAsync(200);
  expect(done).toEqual(['hurry']);
  end();
});

it('tables of traces are no reason to look at the firewall', async () => {
  const { done, emit } = engine();
  emit({ subject: 'firewall', action: 'new', name: 'inet seaway-trace-7-1' });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(done).toEqual([]);
});

it('where events were lost all is looked at: links, forwarding, firewall', async () => {
  const { done, emit, end } = engine();
  emit({ subject: 'link', action: 'flush', name: '' });
  await vi.advanceTimersByTimeAsync(200);
  expect(done).toEqual(expect.arrayContaining(['bridge', 'one', 'two', 'forwarding', 'firewall']));
  end();
});

it('after the end nothing is looked at', async () => {
  const { done, gone, one, end } = engine();
  gone(one.link);
  end();
  await vi.advanceTimersByTimeAsync(1000);
  expect(done).toEqual([]);
});
