import type { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { openKv } from '../../../../src/kv/open.ts';
import { parseSource } from '../../../../src/kv/source.ts';
import { Follower, put } from '../../../contract/kv/follower.ts';
import { openNonsense } from '../relay.ts';
import type { World } from './world.ts';

const answers: Readonly<Record<string, (socket: Socket) => void>> = {
  'closes each connection': (socket) => socket.destroy(),
  'says nothing': () => undefined,
  'sends bytes of chance': (socket) => void socket.write(Buffer.alloc(64, 0xa7)),
  'is a web server': (socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'),
  'sends a length without end': (socket) => void socket.write(Buffer.from('7fffffff00000000', 'hex')),
  'answers an error': (socket) => void socket.write('HTTP/1.1 500 No\r\nContent-Length: 4\r\n\r\nno!!'),
};

const code = expect.stringMatching(/^KV_(AWAY|TIMEOUT|BROKEN|REFUSED)$/);

export function nonsenseCases({ scheme, port }: World): void {
  it.concurrent.each(Object.entries(answers))(
    'a server that %s is an error by name',
    async (_what, answer) => {
      const nonsense = await openNonsense(port, answer);
      const kv = await openKv(parseSource(`${scheme}://${nonsense.address}:${port}`), { folder: 'nonsense' });
      await expect(kv.range('', { deadline: 1_500 })).rejects.toMatchObject({ code });
      await expect(kv.transact(put('a', ''), { deadline: 1_500 })).rejects.toMatchObject({ code });
      const away = Promise.withResolvers<Error | undefined>();
      const follower = new Follower(kv, '', away.resolve);
      expect(await away.promise).toMatchObject({ code });
      await kv.close();
      await follower.done;
      nonsense.close();
    },
  );
}
