/** The engine's metrics: what was counted (`instruments.ts`), and what is read now of records, kernel and resolver. */
import { readFile } from 'node:fs/promises';
import { arch, cpus, release, totalmem } from 'node:os';
import type { Container } from '../model/container.ts';
import { isAlive } from '../model/container-state.ts';
import { type Family, histogramSamples, type Labels, type Sample } from '../observe/metrics.ts';
import { type LoopMeter, meterLoop, processFamilies } from '../observe/process-metrics.ts';
import { type DnsCounts, timeBounds } from '../resolver/tally.ts';
import { version } from '../version.ts';
import type { Core } from './core.ts';
import { dnsCounts } from './dns-counts.ts';
import { osRelease } from './host-file.ts';
import { type InterfaceCounters, parseCounters } from './interface-counters.ts';
import { mapLimit } from './limit.ts';

export type Measured = Pick<Core, 'events' | 'identity' | 'model' | 'reconciler' | 'resolver' | 'retries'>;

export interface Metrics {
  /** Reads what is not counted by itself, so it is asked for once per scrape. */
  families(): Promise<readonly Family[]>;
  close(): void;
}

/** Files read at the same time. */
const atOnce = 16;

/** The event loop is metered from the first scrape on. */
export function openMetrics(core: Measured & Pick<Core, 'instruments'>): Metrics {
  let meter: LoopMeter | undefined;
  return {
    async families() {
      meter ??= meterLoop();
      const [traffic, dns, own] = await Promise.all([trafficOf(core), dnsOf(core), processFamilies()]);
      const known = [...engineFamilies(core), ...core.instruments.families(), ...networkFamilies(core)];
      return [...known, ...traffic, ...dns, meter.family(), ...own];
    },
    close() {
      meter?.close();
      core.instruments.close();
    },
  };
}

const gauge = (name: string, help: string, samples: readonly Sample[]): Family => ({
  ...{ name, help, type: 'gauge', samples },
});

function engineFamilies({ model, events, identity }: Measured): readonly Family[] {
  const count = { paused: 0, running: 0, stopped: 0 };
  for (const { state } of model.all('containers'))
    count[state.status === 'paused' || state.status === 'running' ? state.status : 'stopped'] += 1;
  const info: Labels = {
    architecture: arch() === 'x64' ? 'x86_64' : arch() === 'arm64' ? 'aarch64' : arch(),
    commit: '',
    daemon_id: identity,
    graphdriver: 'overlay2',
    kernel: release(),
    os: osRelease('PRETTY_NAME') || 'Linux',
    os_type: 'linux',
    os_version: osRelease('VERSION_ID'),
    version,
  };
  const one = (value: number): readonly Sample[] => [{ value }];
  return [
    gauge(
      'engine_daemon_container_states_containers',
      'The count of containers in various states',
      Object.entries(count).map(([state, value]) => ({ labels: { state }, value })),
    ),
    gauge(
      'engine_daemon_engine_cpus_cpus',
      'The number of cpus that the host system of the engine has',
      one(cpus().length),
    ),
    gauge('engine_daemon_engine_info', 'The information related to the engine and the OS it is running on', [
      { labels: info, value: 1 },
    ]),
    gauge(
      'engine_daemon_engine_memory_bytes',
      'The number of bytes of memory that the host system of the engine has',
      one(totalmem()),
    ),
    gauge(
      'engine_daemon_events_subscribers_total',
      'The number of current subscribers to events',
      one(events.listeners()),
    ),
  ];
}

function networkFamilies({ model, reconciler, retries }: Measured): readonly Family[] {
  const endpoints = Array.from(model.all('networks'), ({ id, name, driver }) => ({
    labels: { network: name, driver },
    value: model.endpointsOfNetwork(id).length,
  }));
  const rules = Array.from(reconciler.firewallRules(), ([family, value]) => ({
    labels: { family: `ipv${family}` },
    value,
  }));
  const ports = new Map<string, number>();
  for (const sandbox of model.all('sandboxes'))
    for (const { protocol, hostPort } of sandbox.ports)
      if (hostPort > 0) ports.set(protocol, (ports.get(protocol) ?? 0) + 1);
  return [
    gauge('seaway_network_endpoints', 'The number of endpoints of each network', endpoints),
    gauge('seaway_firewall_rules', 'The number of firewall rules of the engine', rules),
    gauge(
      'seaway_published_ports',
      'The number of published ports, one per address of the host',
      [...ports].map(([protocol, value]) => ({ labels: { protocol }, value })),
    ),
    gauge('seaway_degraded_scopes', 'The number of failures that are being retried', [
      { value: retries.list().length },
    ]),
  ];
}

type Traffic = readonly [Labels, InterfaceCounters];

const kinds = [
  ['bytes', 'rxBytes', 'txBytes'],
  ['packets', 'rxPackets', 'txPackets'],
  ['dropped', 'rxDropped', 'txDropped'],
  ['errors', 'rxErrors', 'txErrors'],
] as const;

/** Two families per kind of counter: what was received, and what was sent. */
const trafficFamilies = (whose: string, whom: string, traffic: readonly Traffic[]): readonly Family[] =>
  kinds.flatMap(([kind, received, sent]) =>
    (
      [
        ['receive', 'received', received],
        ['transmit', 'sent', sent],
      ] as const
    ).map(
      ([direction, verb, field]): Family => ({
        name: `seaway_${whose}_${direction}_${kind}_total`,
        help: `${kind === 'bytes' || kind === 'packets' ? kind : `packets ${kind}`} ${verb} by ${whom}`,
        type: 'counter',
        samples: traffic.map(([labels, counters]) => ({ labels, value: counters[field] })),
      }),
    ),
  );

const readCounters = async (process: number | 'self'): Promise<ReadonlyMap<string, InterfaceCounters>> =>
  parseCounters(await readFile(`/proc/${process}/net/dev`, 'utf8').catch(() => ''));

/** Of containers as they see it, inside their own namespaces, and of networks that have a link on the host. */
async function trafficOf({ model }: Measured): Promise<readonly Family[]> {
  const running = Array.from(model.all('containers')).filter(isAlive);
  const host = await readCounters('self');
  const containers: Traffic[] = [];
  await mapLimit(running, atOnce, async (container) => {
    const sandbox = model.sandboxOfContainer(container.id);
    if (sandbox?.kind !== 'own') return;
    const counters = await readCounters(container.state.pid);
    const endpoints = model.endpointsOfSandbox(sandbox.id);
    const nameOf = (id: string): string => model.get('networks', id)?.name ?? id;
    containers.push(...containerTraffic(container, counters, { endpoints, nameOf }));
  });
  const networks = Array.from(model.all('networks')).flatMap(({ name, link, driver }): readonly Traffic[] => {
    const counters = model.drivers.find(driver).forwarding ? host.get(link) : undefined;
    return counters ? [[{ network: name, link }, counters]] : [];
  });
  return [
    ...trafficFamilies('container', 'a container on a network', containers),
    ...trafficFamilies('network', 'the host on the bridge of a network', networks),
  ];
}

interface Named {
  readonly endpoints: readonly { readonly ifname: string; readonly networkId: string }[];
  readonly nameOf: (networkId: string) => string;
}

function containerTraffic(
  { id, name }: Container,
  counters: ReadonlyMap<string, InterfaceCounters>,
  { endpoints, nameOf }: Named,
): readonly Traffic[] {
  return endpoints.flatMap(({ ifname, networkId }): readonly Traffic[] => {
    const found = counters.get(ifname);
    const labels = { container: name, id: id.slice(0, 12), network: nameOf(networkId), interface: ifname };
    return found ? [[labels, found]] : [];
  });
}

/** Nothing where the resolver does not run or does not answer. */
async function dnsOf({ resolver }: Measured): Promise<readonly Family[]> {
  const counts = await dnsCounts(resolver);
  return counts ? dnsFamilies(counts) : [];
}

export function dnsFamilies({ questions, answers, times, unanswered }: DnsCounts): readonly Family[] {
  const transports = Object.entries(questions).map(([transport, value]) => ({
    labels: { transport },
    value,
  }));
  return [
    {
      ...{ name: 'seaway_dns_questions_total', help: 'Questions of containers to the embedded resolver' },
      ...{ type: 'counter', samples: transports },
    },
    {
      ...{
        name: 'seaway_dns_answers_total',
        help: 'Answers to them, by who had the answer and by response code',
      },
      ...{
        type: 'counter',
        samples: answers.map(({ by, code, count }) => ({ labels: { by, code }, value: count })),
      },
    },
    {
      ...{ name: 'seaway_dns_unanswered_total', help: 'Questions that no other server has answered in time' },
      ...{ type: 'counter', samples: [{ value: unanswered }] },
    },
    {
      ...{
        name: 'seaway_dns_forward_seconds',
        help: 'The number of seconds until another server has answered',
      },
      ...{ type: 'histogram', samples: histogramSamples(times, { bounds: timeBounds }) },
    },
  ];
}
