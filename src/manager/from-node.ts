/** Messages of nodes are read as hostile: whatever does not fit is refused whole. */
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { taskStates } from '../swarm/records.ts';
import type { Acknowledged } from './acknowledged.ts';
import type { EnrollCall } from './calls.ts';
import type { LogCall } from './log-relay.ts';
import type { FromNode, JoinCall } from './protocol.ts';

const id = Type.String({ pattern: '^[0-9a-z]{25}$' });
const text = Type.String({ maxLength: 4096 });
const short = Type.String({ maxLength: 255 });
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const address = Type.String({ maxLength: 45, pattern: '^[0-9a-fA-F:.]*$' });
const dataAddress = Type.String({ maxLength: 45, pattern: '^[0-9a-fA-F:.]+$' });

const status = Type.Object({
  ...{ timestamp: Type.String({ maxLength: 40 }), message: text, error: text },
  state: Type.Union(taskStates.map((state) => Type.Literal(state))),
  container: Type.Optional(Type.Object({ id: short, pid: count, exitCode: Type.Integer() })),
  ports: Type.Optional(Type.Array(Type.Object({}), { maxItems: 4096 })),
});

const description = Type.Object({
  hostname: short,
  platform: Type.Object({ architecture: short, os: short }),
  resources: Type.Object({ nanoCpus: count, memoryBytes: count }),
  engine: Type.Object({
    version: short,
    labels: Type.Record(Type.String(), text),
    plugins: Type.Array(Type.Object({ type: short, name: short }), { maxItems: 1024 }),
  }),
  ...{ data4: Type.Optional(dataAddress), data6: Type.Optional(dataAddress) },
  mtu: Type.Integer({ minimum: 68, maximum: 65_535 }),
  tunnelKey: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$' })),
  routes: Type.Array(short, { maxItems: 4096 }),
  busyPorts: Type.Array(short, { maxItems: 4096 }),
});

const attachment = Type.Object({
  ...{ network: short, containerId: short, name: short, ipv4: address, ipv6: address },
  aliases: Type.Array(short, { maxItems: 256 }),
});

const op = <N extends string>(name: N) => ({ op: Type.Literal(name) });
const schema = Type.Union([
  Type.Object(op('beat')),
  Type.Object({ ...op('describe'), description }),
  Type.Object({
    ...{ ...op('report'), batch: count },
    reports: Type.Array(Type.Object({ taskId: id, status }), { maxItems: 20_000 }),
  }),
  Type.Object({ ...op('acknowledge'), revision: count }),
  Type.Object({ ...op('certified'), issuer: text, root: Type.String({ pattern: '^[0-9a-f]{64}$' }) }),
  Type.Object({ ...op('attach'), call: count, request: attachment }),
  Type.Object({ ...op('detach'), call: count, taskId: id }),
  Type.Object({ ...op('rename'), call: count, taskId: id, name: short }),
  Type.Object({ ...op('leave'), call: count }),
  Type.Object({
    ...{ ...op('logged'), call: count },
    data: Type.String({ maxLength: 1 << 20, pattern: '^[A-Za-z0-9+/]*=?=?$' }),
    ...{ isOver: Type.Optional(Type.Boolean()), error: Type.Optional(text) },
  }),
]);
const message = Compile(schema);

const joinCall = Compile(
  Type.Object({
    ...{ token: Type.String({ maxLength: 200 }), request: Type.String({ maxLength: 8192 }) },
    availability: Type.Union(['active', 'pause', 'drain'].map((one) => Type.Literal(one))),
    address: Type.String({ maxLength: 64 }),
  }),
);

const enrollCall = Compile(
  Type.Object({
    request: Type.String({ maxLength: 8192 }),
    place: Type.String({ maxLength: 64, pattern: '^[0-9a-fA-F:.[\\]]+:\\d{1,5}$' }),
  }),
);

const logCall = Compile(
  Type.Object({
    nodeId: id,
    request: Type.Object({
      ...{ taskId: id, serviceId: id, containerId: short },
      ...{ stdout: Type.Boolean(), stderr: Type.Boolean(), follow: Type.Boolean() },
      ...{ timestamps: Type.Boolean(), details: Type.Boolean() },
      ...{ tail: Type.Optional(count), since: Type.Optional(short) },
    }),
  }),
);

const acknowledged = Compile(
  Type.Object({
    ...{ revision: count, nodes: Type.Array(id, { maxItems: 100_000 }) },
    behind: Type.Record(Type.String(), count),
  }),
);

export function readAcknowledged(line: string): Acknowledged | undefined {
  const json = jsonOf(line);
  return acknowledged.Check(json) ? (json as Acknowledged) : undefined;
}

export function readLogCall(body: string): LogCall | undefined {
  const json = jsonOf(body);
  return logCall.Check(json) ? (json as LogCall) : undefined;
}

export function readEnrollCall(body: string): EnrollCall | undefined {
  const json = jsonOf(body);
  return enrollCall.Check(json) ? (json as EnrollCall) : undefined;
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** undefined for what is no message of a node. */
export function readFromNode(line: string): FromNode | undefined {
  const json = jsonOf(line);
  return message.Check(json) ? (json as FromNode) : undefined;
}

export function readJoinCall(body: string): JoinCall | undefined {
  const json = jsonOf(body);
  return joinCall.Check(json) ? (json as JoinCall) : undefined;
}
