import { expect, it } from 'vitest';
import { createEvents } from '../observe/events.ts';
import { exposition } from '../observe/metrics.ts';
import { Tracer } from '../observe/trace.ts';
import { Instruments } from './instruments.ts';

function world() {
  const tracer = new Tracer();
  const events = createEvents(() => 0n);
  const instruments = new Instruments({ tracer, events });
  const counts = (): readonly string[] =>
    exposition(instruments.families())
      .split('\n')
      .filter((line) => /(_count|_total)(\{.*\})? [1-9]/.test(line));
  return { tracer, events, instruments, counts };
}

const failing = (): never => {
  throw new Error('it broke');
};

it('actions that succeed are counted by dockerd’s names, and by no other', () => {
  const { tracer, counts } = world();
  tracer.run({ kind: 'verb', name: 'container start' }, () => undefined);
  tracer.run({ kind: 'verb', name: 'container stop' }, () => undefined);
  expect(() => tracer.run({ kind: 'verb', name: 'container create' }, failing)).toThrow();
  tracer.run({ kind: 'network', name: 'allocate' }, () => undefined);
  expect(counts()).toEqual([
    'engine_daemon_container_actions_seconds_count{action="start"} 1',
    'engine_daemon_network_actions_seconds_count{action="allocate"} 1',
  ]);
});

it('requests are counted by route and status, runs of scopes by kind, failures too', () => {
  const { tracer, counts } = world();
  const fields = { status: 404 };
  tracer.run({ kind: 'request', name: 'GET /networks/:id', fields }, () => undefined);
  expect(() => tracer.run({ kind: 'converge', name: 'sandbox:1f' }, failing)).toThrow();
  expect(counts()).toEqual([
    'seaway_api_request_seconds_count{method="GET",route="/networks/:id",code="404"} 1',
    'seaway_converge_seconds_count{scope="sandbox"} 1',
    'seaway_converge_failures_total{scope="sandbox"} 1',
  ]);
});

it('events, what was put back, and health checks are counted', () => {
  const { events, instruments, counts } = world();
  events.emit({ type: 'network', action: 'heal', id: 'a', attributes: {} });
  events.emit({ type: 'network', action: 'create', id: 'a', attributes: {} });
  for (const isHealthy of [true, false, true]) instruments.checked(isHealthy);
  expect(counts()).toEqual([
    'engine_daemon_events_total 2',
    'engine_daemon_health_checks_total 3',
    'engine_daemon_health_checks_failed_total 1',
    'seaway_heals_total{type="network"} 1',
  ]);
});
