/**
 * What the engine can be asked to do: the face that `api/` sees. A reference (`ref`) is a name, an id
 * or an unambiguous prefix of one. Every verb throws the errors of `src/errors.ts`, in Docker's words.
 */
import type { Events } from '../observe/events.ts';
import type { Tracer } from '../observe/trace.ts';
import type { CaptureVerbs } from './capture-verbs.ts';
import type { ClusterVerbs } from './cluster-verbs.ts';
import type { ContainerVerbs } from './container-verbs.ts';
import type { ExecVerbs } from './exec-verbs.ts';
import type { ImageVerbs } from './image-verbs.ts';
import type { MapVerbs } from './map-verbs.ts';
import type { Metrics } from './metrics.ts';
import type { NamespaceVerbs } from './namespace-verbs.ts';
import type { NetworkVerbs } from './network-verbs.ts';
import type { PluginVerbs } from './plugin-verbs.ts';
import type { PolicyVerbs } from './policy-verbs.ts';
import type { PortVerbs } from './port-verbs.ts';
import type { SwarmVerbs } from './swarm-verbs.ts';
import type { SystemVerbs } from './system-verbs.ts';
import type { VolumeVerbs } from './volume-verbs.ts';

export interface Engine {
  readonly networks: NetworkVerbs;
  readonly cluster: ClusterVerbs;
  readonly swarm: SwarmVerbs;
  readonly namespaces: NamespaceVerbs;
  readonly containers: ContainerVerbs;
  readonly ports: PortVerbs;
  readonly execs: ExecVerbs;
  readonly images: ImageVerbs;
  readonly volumes: VolumeVerbs;
  readonly plugins: PluginVerbs;
  readonly policies: PolicyVerbs;
  readonly system: SystemVerbs;
  readonly capture: CaptureVerbs;
  readonly map: MapVerbs;
  readonly events: Events;
  readonly tracer: Tracer;
  readonly metrics: Pick<Metrics, 'families'>;
}
