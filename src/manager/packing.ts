/**
 * Records are compressed before they are sealed: a store keeps many versions of each, and most of a task's record is what its service
 * says.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { SwarmTable } from '../swarm/records.ts';

/** First byte of a value; a plain one begins with the brace of its JSON. */
const packed = 1;

/** Those without secrets: what is compressed tells by its size what is in it twice. */
const tables: ReadonlySet<SwarmTable> = new Set(['nodes', 'services', 'tasks', 'networks']);

/** What records have in common, the most frequent at the end. Values that were packed with it need it as it is. */
const dictionary = Buffer.from(
  [
    '"Mode":{"Replicated":{"Replicas":1}},"UpdateConfig":{"Parallelism":1,"Delay":0,"FailureAction":"pause","Monitor":5000000000,',
    '"MaxFailureRatio":0,"Order":"stop-first"},"RollbackConfig":{"Parallelism":1,"FailureAction":"pause","Monitor":5000000000,',
    '"EndpointSpec":{"Mode":"vip","Ports":[{"Protocol":"tcp","TargetPort":80,"PublishedPort":8080,"PublishMode":"ingress"}]},',
    '"updateStatus":{"state":"completed","startedAt":"2026-01-01T00:00:00.000000000Z","message":"update completed"}',
    '"previousSpec":{"Name":"web","Labels":{"com.docker.stack.namespace":"web"},"previousSpecVersion":1,"endpoint":{"spec":',
    '"addresses":[{"networkId":"","address":"10.0.1.2/24"}]"Healthcheck":{"Test":["CMD-SHELL","curl -f http://localhost"],"Interval":',
    '"Mounts":[{"Type":"volume","Source":"data","Target":"/var/lib"}],"Secrets":[{"File":{"Name":"","UID":"0","GID":"0","Mode":292},',
    '"SecretID":"","SecretName":""}],"Configs":[],"DNSConfig":{},"Isolation":"default","StopGracePeriod":10000000000,"Init":false,',
    '"Resources":{"Limits":{"NanoCPUs":1000000000,"MemoryBytes":536870912},"Reservations":{}},"Runtime":"container"',
    '"RestartPolicy":{"Condition":"any","Delay":5000000000,"MaxAttempts":0},"Placement":{"Constraints":["node.role==worker"],',
    '"Platforms":[{"Architecture":"amd64","OS":"linux"}]},"Networks":[{"Target":"","Aliases":["web"]}],"ForceUpdate":0',
    '{"id":"","version":0,"createdAt":"2026-01-01T00:00:00.000000000Z","updatedAt":"2026-01-01T00:00:00.000000000Z","serviceId":"',
    '","service":{"Name":"web","Labels":{}},"spec":{"ContainerSpec":{"Image":"docker.io/library/nginx:latest@sha256:","Labels":{},"Env":[',
    '"specVersion":1,"generation":0,"attachments":[{"networkId":"","addresses":["10.0.0.2/24"],"mac":"02:42:0a:00:00:02","aliases":[]}],',
    '"ports":[],"status":{"timestamp":"2026-01-01T00:00:00.000000000Z","state":"assigned","message":"scheduler assigned task to node",',
    '"error":"","state":"shutdown","message":"shutdown","state":"running","message":"started","error":"","container":{"id":"","pid":1,',
    '"exitCode":0}},"slot":1,"nodeId":"","desiredState":"running","runningSince":"2026-01-01T00:00:00.000000000Z"}',
  ].join(''),
);

/** The window holds the dictionary and a usual record; a greater one would cost more to set up than to use. */
const options = { dictionary, level: 6, windowBits: 13, memLevel: 6 } as const;

export function pack(table: SwarmTable, json: string): string | Buffer {
  if (!tables.has(table)) return json;
  return Buffer.concat([Buffer.of(packed), deflateRawSync(json, options)]);
}

export function unpack(bytes: Buffer): string {
  if (bytes[0] !== packed) return bytes.toString('utf8');
  return inflateRawSync(bytes.subarray(1), { dictionary, windowBits: options.windowBits }).toString('utf8');
}
