import { expect, test } from 'vitest';
import { Writer } from '../netlink/attributes.ts';
import type { Message } from '../netlink/message.ts';
import { deleteFlow, dumpFlows, flowKey, isFlow } from './conntrack-codec.ts';

function flow(port: number, destination: readonly number[], protocol = 17): Message {
  const body = new Writer().struct(4, (view) => view.setUint8(0, 2));
  body.nested(1, () => {
    body.nested(1, () => void body.data(2, Uint8Array.from(destination)));
    body.nested(2, () => void body.u8(1, protocol).u16be(3, port));
  });
  body.u32be(12, 0x01020304);
  return { type: 0x100, flags: 0, sequence: 0, body: body.bytes };
}

test('a flow is known by protocol, port and address, and any address matches all', () => {
  const any = flowKey({ protocol: 'udp', port: 53, address: '0.0.0.0' });
  const one = flowKey({ protocol: 'udp', port: 53, address: '10.0.0.1' });
  expect(isFlow(flow(53, [10, 0, 0, 1]), any)).toBe(true);
  expect(isFlow(flow(53, [10, 0, 0, 1]), one)).toBe(true);
  expect(isFlow(flow(53, [10, 0, 0, 2]), one)).toBe(false);
  expect(isFlow(flow(54, [10, 0, 0, 1]), any)).toBe(false);
  expect(isFlow(flow(53, [10, 0, 0, 1], 6), any)).toBe(false);
  expect(isFlow(flow(53, [10, 0, 0, 1]), flowKey({ protocol: 'udp', port: 53, address: '::' }))).toBe(false);
});

test('the kernel is asked to filter by what is given', () => {
  const last = (address: string): number | undefined =>
    dumpFlows(flowKey({ protocol: 'udp', port: 53, address })).body.bytes.at(-4);
  expect(last('0.0.0.0')).toBe(0x28);
  expect(last('10.0.0.1')).toBe(0x2a);
});

test('a deletion names the very flow: its tuple and its id', () => {
  const message = flow(53, [10, 0, 0, 1]);
  const request = deleteFlow(message, flowKey({ protocol: 'udp', port: 53, address: '0.0.0.0' }));
  expect(request.type).toBe(0x102);
  expect(request.body.bytes).toEqual(message.body);
});
