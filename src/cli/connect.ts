/** Makes the context of a command; the engine and the client's settings are fetched at their first use. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chooseHost, parseAddress } from '#client/address.ts';
import { Client } from '#client/client.ts';
import type { TlsMaterial, Transport } from '#client/http.ts';
import { type ClientConfig, clientConfigPath, readClientConfig } from './client-config.ts';
import type { Context, Io } from './context.ts';
import { CliError } from './failure.ts';
import type { FlagValues } from './flags/flag.ts';
import type { globalFlags } from './flags/global.ts';

type Global = FlagValues<typeof globalFlags>;

/** Write and wait until the stream has taken it. */
export function write(stream: NodeJS.WritableStream, text: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

/** The program's name and commands. */
type Program = Pick<Context, 'program' | 'commandTree'>;

export function newContext(io: Io, program: Program, global: Global): Context {
  const complain = (message: string): void => void io.stderr.write(`${message}\n`);
  let engine: Promise<Client> | undefined;
  let config: Promise<ClientConfig> | undefined;
  const configFile = clientConfigPath(global.config || undefined, io.env);
  return {
    ...io,
    ...program,
    path: [],
    engine: () => {
      engine ??= connect(io, global);
      return engine;
    },
    config: () => {
      config ??= readClientConfig(configFile, complain);
      return config;
    },
    configFile,
    print: (text) => write(io.stdout, text),
    complain,
  };
}

async function connect(io: Io, global: Global): Promise<Client> {
  if (global.host.length > 1) throw new CliError('specify only one -H');
  const verify = global.tlsVerify || (io.env.DOCKER_TLS_VERIFY ?? '') !== '';
  const usesTls = verify || global.tls;
  const address = parseAddress(chooseHost(global.host[0], io.env), usesTls);
  const transport: Transport =
    usesTls && address.kind === 'tcp'
      ? { address, tls: await certificates(io, global, verify) }
      : { address };
  return Client.connect(transport, io.env.DOCKER_API_VERSION);
}

async function certificates(io: Io, global: Global, verify: boolean): Promise<TlsMaterial> {
  const folder =
    io.env.DOCKER_CERT_PATH ||
    global.config ||
    io.env.DOCKER_CONFIG ||
    join(io.env.HOME ?? '/root', '.docker');
  const read = async (given: string, name: string): Promise<string | undefined> => {
    try {
      return await readFile(given === '' ? join(folder, name) : given, 'utf8');
    } catch (cause) {
      if (given !== '') throw new CliError(`unable to load X509 key pair: open ${given}`, { cause });
      return undefined;
    }
  };
  const [ca, cert, key] = await Promise.all([
    read(global.tlsCaCert, 'ca.pem'),
    read(global.tlsCert, 'cert.pem'),
    read(global.tlsKey, 'key.pem'),
  ]);
  return { ca, cert, key, verify };
}
