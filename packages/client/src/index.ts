/** @seaway/client: the Docker Engine API and Seaway's own calls, typed. */
export type * from './answers.ts';
export { Client, type Filters, type Query, type RequestOptions } from './client.ts';
export type { AttachOptions, Containers, LogOptions } from './containers.ts';
export { type ConnectOptions, connect, Engine } from './engine.ts';
export { ClientError, ConnectionError, EngineError } from './errors.ts';
export type { Hijacked, TlsMaterial } from './http.ts';
export type { Images } from './images.ts';
export type * from './map-answers.ts';
export type { Networks, Volumes } from './networks.ts';
export type { Plugins } from './plugins.ts';
export type { Policies } from './policies.ts';
export type * from './requests.ts';
export type { CaptureOptions, Seaway } from './seaway.ts';
export type * from './seaway-answers.ts';
export { type Output, output } from './streams.ts';
export type { Swarm, SwarmLogOptions } from './swarm.ts';
export type * from './swarm-answers.ts';
export type { EventOptions, System } from './system.ts';
