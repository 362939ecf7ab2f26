/** The world that a command works in: streams, environment, the engine. */
import type { Command as CommandTree } from 'commander';
import type { Client } from '#client/client.ts';
import type { ClientConfig } from './client-config.ts';

/** The streams and settings of the process. */
export interface Io {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Context extends Io {
  /** The program's name, and with it that of the command: `seaway network ls`. */
  readonly program: string;
  readonly path: readonly string[];
  /** All commands with their flags. Loads each of them. */
  commandTree(): Promise<CommandTree>;
  /** The engine; the first use makes the connection and settles the API version. Throws `CliError`. */
  engine(): Promise<Client>;
  /** `config.json` of the client, read at the first use. */
  config(): Promise<ClientConfig>;
  /** The path of that file. */
  readonly configFile: string;
  /** Write to standard output, and wait until it is taken. */
  print(text: string): Promise<void>;
  /** Write a line to standard error. */
  complain(message: string): void;
}
