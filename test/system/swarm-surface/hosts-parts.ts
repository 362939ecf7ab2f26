/** What steps on three hosts are made of. */
import { addressOf, type HostStep, on, type Place, places } from './hosts.ts';

export const [one, two, three] = [on(1), on(2), on(3)];
export const manager = `${addressOf(1)}:2377`;
export const swarmOf = (json: unknown) => (json as { readonly Swarm: unknown }).Swarm;
export const kinds = ['nodes', 'services', 'tasks', 'secrets', 'configs'];
export const infoOf = (at: Place, until?: (json: unknown) => boolean): HostStep =>
  on(at)('GET /info', undefined, { part: swarmOf, ...(until && { until }) });
export const everywhere = (call: string): readonly HostStep[] => places.map((at) => on(at)(call));
export const events: readonly HostStep[] = places.map((at) => on(at)('EVENTS'));

export const join = (at: Place, token: string): object => ({
  ...{ ListenAddr: '0.0.0.0:2377', AdvertiseAddr: addressOf(at), DataPathAddr: '' },
  ...{ RemoteAddrs: [manager], JoinToken: token, Availability: 'active' },
});

export interface NodeLine {
  readonly Status: { readonly State: string };
  readonly ManagerStatus?: { readonly Reachability: string; readonly Leader?: boolean };
}
export const ready = (count: number, managers: number) => (json: unknown) => {
  const nodes = Array.isArray(json) ? (json as readonly NodeLine[]) : [];
  return (
    nodes.filter(({ Status }) => Status.State === 'ready').length === count &&
    nodes.filter(({ ManagerStatus }) => ManagerStatus?.Reachability === 'reachable').length === managers &&
    nodes.some(({ ManagerStatus }) => ManagerStatus?.Leader)
  );
};
export const nodesAre = (count: number, managers: number): HostStep =>
  one('GET /nodes', undefined, { until: ready(count, managers) });

export interface TaskLine {
  readonly Status: { readonly State: string };
  readonly DesiredState: string;
}
export const counted = (wanted: Readonly<Record<string, number>>) => (json: unknown) => {
  const tasks = Array.isArray(json) ? (json as readonly TaskLine[]) : [];
  const of = (state: string) => tasks.filter(({ Status }) => Status.State === state).length;
  return Object.entries(wanted).every(([state, count]) => of(state) === count);
};
export const tasks = (service: string, wanted: Readonly<Record<string, number>>): HostStep =>
  one(`GET /tasks?filters={"service":["${service}"]}`, undefined, { until: counted(wanted) });

export const updateNode = (node: string, more: object): HostStep =>
  one(`POST /nodes/<${node}>/update?version={nodes/<${node}>}`, {
    ...{ Role: 'worker', Availability: 'active', Labels: {} },
    ...more,
  });
