import { expect, it } from 'vitest';
import { errno } from '../ffi/constants.ts';
import { findIndex } from './links.ts';

/** A socket in a namespace with the link `up0`, of index 7. */
function open() {
  const asked: string[] = [];
  let bound = '';
  return {
    asked,
    bound: () => bound,
    option: (_name: number, value: Uint8Array): number => {
      const name = Buffer.from(value).toString().replaceAll('\0', '');
      if (name !== '' && name !== 'up0') return errno.ENODEV;
      bound = name;
      return 0;
    },
    ioctl: (_request: number, argument: Uint8Array): number => {
      asked.push(Buffer.from(argument.subarray(0, 16)).toString().replaceAll('\0', ''));
      new DataView(argument.buffer, argument.byteOffset).setInt32(16, 7, true);
      return 0;
    },
  };
}

it('the index of a link is asked for by its name only where there is one, and the socket is bound to none', () => {
  const socket = open();
  expect([findIndex(socket, 'up0'), findIndex(socket, 'up1')]).toEqual([7, undefined]);
  expect(socket.asked).toEqual(['up0']);
  expect(socket.bound()).toBe('');
});
