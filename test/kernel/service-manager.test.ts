/** sd_notify(3), by the descriptor that is told. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import * as constants from '../../src/kernel/ffi/constants.ts';
import { bind, close, recv, sendto, socket } from '../../src/kernel/ffi/libc.ts';
import { meetServiceManager } from '../../src/kernel/service-manager.ts';

const folder = mkdtempSync(join(tmpdir(), 'sw-notify-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A datagram socket with that name; `hear` gives what was told, '' for nothing. */
function open(name: string): { receive: () => string; fill: () => void; close: () => void } {
  const path = name.startsWith('@') ? `\0${name.slice(1)}` : `${name}\0`;
  const address = Buffer.concat([Buffer.from(Uint16Array.of(constants.AF_UNIX).buffer), Buffer.from(path)]);
  const fd = socket(constants.AF_UNIX, constants.SOCK_DGRAM | constants.SOCK_CLOEXEC, 0);
  expect(bind(fd, address, address.length)).toBe(0);
  const buffer = Buffer.alloc(100);
  return {
    receive: () => buffer.toString('utf8', 0, Math.max(0, recv(fd, buffer, 100, constants.MSG_DONTWAIT))),
    fill: () => {
      const sender = socket(constants.AF_UNIX, constants.SOCK_DGRAM | constants.SOCK_CLOEXEC, 0);
      const text = Buffer.from('FILLED=1');
      const send = (): number =>
        sendto(sender, text, text.length, constants.MSG_DONTWAIT, address, address.length);
      while (send() >= 0);
      close(sender);
    },
    close: () => close(fd),
  };
}

describe('a service manager', () => {
  test.each([join(folder, 'socket'), `@seaway-notify-${process.pid}`])('at %s is told', async (name) => {
    const there = open(name);
    const environment = { NOTIFY_SOCKET: name, LISTEN_PID: '1', LISTEN_FDS: '2', HOME: '/root' };
    const manager = meetServiceManager(environment);
    expect(await manager.notify('READY=1', 'STATUS=serving')).toBe(true);
    expect(there.receive()).toBe('READY=1\nSTATUS=serving');
    expect(environment).toEqual({ HOME: '/root' });
    expect(manager.sockets).toEqual([]);
    there.close();
  });

  test('that is not there is told nothing', async () => {
    expect(await meetServiceManager({}).notify('READY=1')).toBe(false);
  });

  test('that is gone is an error with its name', async () => {
    const manager = meetServiceManager({ NOTIFY_SOCKET: join(folder, 'gone') });
    await expect(manager.notify('READY=1')).rejects.toThrow(/service manager at .*gone: ENOENT/);
  });

  test('that does not read is told when it reads again, and holds nothing up', async () => {
    const name = join(folder, 'busy');
    const there = open(name);
    const manager = meetServiceManager({ NOTIFY_SOCKET: name });
    there.fill();
    const told = manager.notify('READY=1');
    expect(await Promise.race([told, delay(50, 'it waits')])).toBe('it waits');
    let heard = there.receive();
    for (let next = heard; next !== ''; next = there.receive()) heard = next;
    expect(heard).toBe('FILLED=1');
    expect(await told).toBe(true);
    expect(there.receive()).toBe('READY=1');
    there.close();
  });
});
