/** `--publish` of a service, in both its forms. */
import { csvFields } from '../spec/csv.ts';
import { parsePublish } from '../spec/ports.ts';
import type { Port } from './types.ts';

/** One `--publish`. Throws an `Error` in docker's words. */
export function parseServicePort(text: string): readonly Port[] {
  return /\w+=\w+(,\w+=\w+)*/.test(text) ? [longForm(text)] : shortForm(text);
}

function shortForm(text: string): Port[] {
  return parsePublish(text).flatMap(({ port, HostIp, HostPort }) => {
    if (HostIp !== '') throw new Error('hostip is not supported');
    const [target = '', protocol = 'tcp'] = port.split('/');
    const [first, last = first] = HostPort.split('-').map(Number);
    const count = (last ?? 0) - (first ?? 0) + 1;
    return Array.from({ length: count }, (_none, at) => ({
      Protocol: protocol,
      TargetPort: Number(target),
      PublishedPort: (first ?? 0) + at || undefined,
      PublishMode: 'ingress',
    }));
  });
}

function portNumber(kind: string, text: string): number {
  const why = !/^\d+$/.test(text)
    ? 'invalid syntax'
    : Number(text) > 65535
      ? 'value out of range'
      : undefined;
  if (why !== undefined) throw new Error(`invalid ${kind} port (${text}): value must be an integer: ${why}`);
  return Number(text);
}

const setters: Readonly<Record<string, (port: Port, value: string) => void>> = {
  protocol: (port, value) => {
    if (!['tcp', 'udp', 'sctp'].includes(value)) throw new Error(`invalid protocol value ${value}`);
    port.Protocol = value;
  },
  mode: (port, value) => {
    if (!['ingress', 'host'].includes(value)) throw new Error(`invalid publish mode value ${value}`);
    port.PublishMode = value;
  },
  target: (port, value) => {
    port.TargetPort = portNumber('target', value);
  },
  published: (port, value) => {
    port.PublishedPort = portNumber('published', value);
  },
};

function longForm(text: string): Port {
  const port: Port = {};
  for (const field of csvFields(text.toLowerCase())) {
    const at = field.indexOf('=');
    if (at <= 0) throw new Error(`invalid field ${field}`);
    const key = field.slice(0, at);
    const set = Object.hasOwn(setters, key) ? setters[key] : undefined;
    if (set === undefined) throw new Error(`invalid field key ${key}`);
    set(port, field.slice(at + 1));
  }
  if (!port.TargetPort) throw new Error("missing mandatory field 'target'");
  return {
    Protocol: port.Protocol ?? 'tcp',
    TargetPort: port.TargetPort,
    PublishedPort: port.PublishedPort,
    PublishMode: port.PublishMode ?? 'ingress',
  };
}
