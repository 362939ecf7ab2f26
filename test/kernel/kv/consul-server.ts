import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer, freeAddress, programOf, type Server, type ServerOptions } from './server.ts';

export const consulProgram = programOf('consul', 'consul/usr/bin/consul');

/** Whether a request of the plain API is answered so. */
function answers(address: string, path: string, wanted: RegExp): Promise<boolean> {
  return new Promise((resolve) => {
    const sent = request({ host: address, port: 8500, path }, (response) => {
      let text = '';
      response.on('data', (data: Buffer) => {
        text += String(data);
      });
      response.on('end', () => resolve(wanted.test(text)));
    });
    sent.on('error', () => resolve(false));
    sent.end();
  });
}

/** One that serves only who has the token. */
export const guardedConsul = (token: string): Server =>
  consulServer({ acl: { enabled: true, default_policy: 'deny', tokens: { master: token } } });

type Options = ServerOptions & { readonly acl?: object };

export function consulServer({ tls, address = freeAddress(), acl, within }: Options = {}): Server {
  const settings = {
    server: true,
    bootstrap: true,
    bind_addr: address,
    client_addr: address,
    disable_update_check: true,
    ports: { dns: -1, serf_wan: -1, http: 8500, ...(tls && { https: 8501 }) },
    ...(tls && {
      ca_file: tls.ca,
      cert_file: tls.server.cert,
      key_file: tls.server.key,
      verify_incoming_https: true,
    }),
    performance: { raft_multiplier: 1 },
    ...(acl && { acl }),
  };
  return createServer({
    ...{ address, within },
    port: 8500,
    ready: () => answers(address, '/v1/status/leader', /^"[^"]/),
    command: (folder) => {
      writeFileSync(`${folder}/consul.json`, JSON.stringify(settings));
      const args = ['agent', '-config-file', `${folder}/consul.json`, '-data-dir', `${folder}/data`];
      return [consulProgram ?? 'consul', ...args, '-log-level', 'err'];
    },
  });
}
