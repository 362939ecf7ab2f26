/** TLS with certificates of clients, and clients that are not let in. */
import { copyFileSync } from 'node:fs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Kv } from '../../../../src/kv/kv.ts';
import { openKv } from '../../../../src/kv/open.ts';
import { parseSource } from '../../../../src/kv/source.ts';
import { Follower, put } from '../../../contract/kv/follower.ts';
import { type Certificates, makeCertificates, type Pair } from '../certificates.ts';
import { freeAddress, type Server } from '../server.ts';

export type Secured = {
  readonly scheme: string;
  readonly port: number;
  /** A server that wants certificates of clients. */
  readonly secured: (tls: Certificates, address: string) => Server;
  /** One without TLS, and its port. */
  readonly plain: { readonly server: Server; readonly port: number };
};

const pathsOf = (one: string | Pair): readonly string[] =>
  typeof one === 'string' ? [one] : [one.cert, one.key];

export function tlsCases({ scheme, port, secured, plain }: Secured): void {
  describe('by TLS', { timeout: 60_000 }, () => {
    const address = freeAddress();
    const tls = makeCertificates([address, plain.server.address]);
    const stranger = makeCertificates([address]);
    const server = secured(tls, address);
    beforeAll(() => server.start(), 60_000);

    const ask = async (
      where: string,
      files?: { readonly ca: string; readonly client: Pair },
    ): Promise<Kv> => {
      const options = files && {
        'kv.cacertfile': files.ca,
        'kv.certfile': files.client.cert,
        'kv.keyfile': files.client.key,
      };
      return openKv(parseSource(`${scheme}://${where}/tls`, options), { folder: 'x' });
    };
    const rejected = async (kv: Kv): Promise<unknown> => {
      const why = await kv.range('', { deadline: 8_000 }).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      await kv.close();
      return why;
    };

    it('a client with a certificate is served', async () => {
      const kv = await ask(`${server.address}:${port}`, tls);
      const follower = new Follower(kv);
      await kv.transact(put('a', '1'));
      await follower.until(({ a }) => a === '1');
      const session = await kv.session({ ttl: 10_000 });
      await kv.transact({ put: [{ key: 'n', value: '', session }] });
      await follower.until((state) => 'n' in state);
      await session.close();
      await follower.until((state) => !('n' in state));
      await kv.close();
    });

    it('a client of another authority is refused, and so is such a server', async () => {
      const where = `${server.address}:${port}`;
      const client = await rejected(await ask(where, { ca: tls.ca, client: stranger.client }));
      expect(client).toMatchObject({ code: 'KV_REFUSED' });
      const authority = await rejected(await ask(where, { ca: stranger.ca, client: tls.client }));
      expect(authority).toMatchObject({ code: 'KV_REFUSED' });
      console.log(`${scheme}: ${String(client)} | ${String(authority)}`);
    });

    it('a client without TLS, and a server without, are errors by name', async () => {
      const code = expect.stringMatching(/^KV_(AWAY|REFUSED|BROKEN|TIMEOUT)$/);
      const open = await rejected(await ask(`${server.address}:${port}`));
      expect(open).toMatchObject({ code });
      const other = await rejected(await ask(`${plain.server.address}:${plain.port}`, tls));
      expect(other).toMatchObject({ code });
      console.log(`${scheme}: ${String(open)} | ${String(other)}`);
    });

    it('certificates that were replaced are used for the next connection, once they fit', async () => {
      const kv = await ask(`${server.address}:${port}`, tls);
      const follower = new Follower(kv);
      await kv.transact(put('before', '1'));
      await follower.until((state) => 'before' in state);
      await server.kill();
      const fresh = [stranger.ca, stranger.server, stranger.client].flatMap(pathsOf);
      const files = [tls.ca, tls.server, tls.client].flatMap(pathsOf);
      // the key is still the old one
      for (const [at, file] of files.entries())
        if (file !== tls.client.key) copyFileSync(fresh[at] ?? '', file);
      await server.start();
      await expect(kv.range('')).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining('could not load X509 key pair'),
      });
      copyFileSync(stranger.client.key, tls.client.key);
      await vi.waitFor(() => kv.transact(put('after', '2')), { timeout: 20_000 });
      await follower.until((state) => 'after' in state);
      await kv.close();
    });

    it('a file that cannot be read, or is no certificate, is named', async () => {
      const missing = { ca: '/nowhere/ca.pem', client: tls.client };
      await expect(ask('127.0.0.1:1', missing)).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining('could not read CA certificate "/nowhere/ca.pem"'),
      });
      const wrong = { ca: tls.ca, client: { cert: tls.client.key, key: tls.client.cert } };
      await expect(ask('127.0.0.1:1', wrong)).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining('could not load X509 key pair'),
      });
    });
  });
}
