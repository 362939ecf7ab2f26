import { expect, it } from 'vitest';
import { driverTable } from '../drivers/table.ts';
import { blankSandbox } from '../model/blank.ts';
import { Model } from '../model/memory.ts';
import type { PortMapping } from '../model/sandbox.ts';
import { createLogger } from '../observe/logger.ts';
import { Retries } from '../reconcile/retries.ts';
import type { RelayOrder } from '../resolver/client.ts';
import { Relays } from './relays.ts';

const port = (hostPort: number, address = '172.17.0.2'): PortMapping => ({
  ...{ protocol: 'tcp', hostIP: '::', hostPort, containerPort: 80, address, endpointId: 'e' },
  asked: { hostIP: '', hostPort: String(hostPort) },
});

function engine({ isOn = true } = {}) {
  const model = new Model(driverTable());
  const orders: RelayOrder[] = [];
  const copies = new Set<number>();
  /** What the process says to orders. */
  const process = { answer: async (): Promise<void> => undefined };
  const relays = new Relays({
    model,
    retries: new Retries(createLogger('fatal')),
    isOn: () => isOn,
    resolver: () => ({
      relay: async (order) => {
        orders.push(order);
        await process.answer();
      },
    }),
    hostPorts: () => ({ descriptorOf: ({ hostPort }) => hostPort + 1000 }),
    copyDescriptor: (descriptor) => {
      const fd = descriptor + 1000;
      copies.add(fd);
      return { fd, close: () => void copies.delete(fd) };
    },
  });
  const put = (id: string, ...ports: readonly PortMapping[]): void => {
    model.apply([
      {
        table: 'sandboxes',
        put: { ...blankSandbox, id, containerId: '', path: '', hostname: '', ports },
      },
    ]);
  };
  return { model, relays, orders, put, copies, process };
}

const nothing = { sent: [], moved: {}, gone: [] };

it('hands over the sockets of new ports, and nothing the second time', async () => {
  const { relays, orders, put } = engine();
  put('a', port(1), port(2), { ...port(3), hostIP: '0.0.0.0' });
  await relays.follow(['a', 'unknown']);
  await relays.follow(['a']);
  const [one, two] = [1, 2].map((each) => [`tcp/::/${each}`, '172.17.0.2:80', each + 2000]);
  expect(orders).toEqual([{ ...nothing, sent: [one, two] }]);
  expect(relays.serves(port(1))).toBe(true);
  expect(relays.isUsed).toBe(true);
});

it('leads a port elsewhere without its socket, and ends what is gone', async () => {
  const { model, relays, orders, put } = engine();
  put('a', port(1), port(2));
  await relays.follow(['a']);
  put('a', port(1, '172.18.0.9'));
  await relays.follow(['a']);
  expect(orders[1]).toEqual({ sent: [], moved: { 'tcp/::/1': '172.18.0.9:80' }, gone: ['tcp/::/2'] });
  model.apply([{ table: 'sandboxes', remove: 'a' }]);
  await relays.follow(['a']);
  expect(orders[2]).toEqual({ ...nothing, gone: ['tcp/::/1'] });
  expect(relays.isUsed).toBe(false);
});

it('a port that another sandbox has taken over is not ended with the first', async () => {
  const { relays, orders, put } = engine();
  put('a', port(1));
  await relays.follow(['a']);
  put('a');
  put('b', port(1, '172.17.0.3'));
  await relays.follow(['b', 'a']);
  expect(orders.slice(1)).toEqual([{ ...nothing, moved: { 'tcp/::/1': '172.17.0.3:80' } }]);
});

it('gives a process that was started again all sockets, and learns what one has that outlived an engine', async () => {
  const { relays, orders, put } = engine();
  put('a', port(1));
  await relays.follow(['a']);
  relays.learn({});
  await relays.follow([]);
  expect(orders[1]?.sent).toHaveLength(1);
  const next = engine();
  next.put('a', port(1));
  next.relays.learn({ 'tcp/::/1': '172.17.0.2:80', 'tcp/::/9': '172.17.0.9:80' });
  expect(next.relays.serves(port(9))).toBe(true);
  await next.relays.follow(['a']);
  await next.relays.sweep();
  expect(next.orders).toEqual([{ ...nothing, gone: ['tcp/::/9'] }]);
});

it('does nothing where it is switched off', async () => {
  const { relays, orders, put } = engine({ isOn: false });
  put('a', port(1));
  await relays.follow(['a']);
  expect(orders).toEqual([]);
});

it('keeps copies of the sockets until the process has them, or has failed', async () => {
  const { relays, put, copies, process } = engine();
  const answer = Promise.withResolvers<void>();
  process.answer = () => answer.promise;
  put('a', port(1), port(2));
  const done = relays.follow(['a']);
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  expect([...copies]).toEqual([2001, 2002]);
  answer.resolve();
  await done;
  expect(copies.size).toBe(0);
  process.answer = () => Promise.reject(new Error('it has ended'));
  put('b', port(3));
  await relays.follow(['b']);
  expect(copies.size).toBe(0);
});
