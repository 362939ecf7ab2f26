/** Flags before the command. */
import { listFlag, switchFlag, textFlag } from './flag.ts';

export const globalFlags = {
  config: textFlag('config', 'Location of the client config files (default "~/.docker")'),
  debug: switchFlag('debug', 'Enable debug mode', { short: 'D' }),
  host: listFlag('host', 'Engine socket to connect to', { short: 'H' }),
  logLevel: textFlag('log-level', 'Set the logging level ("debug", "info", "warn", "error", "fatal")', {
    short: 'l',
    initial: 'info',
  }),
  tls: switchFlag('tls', 'Use TLS; implied by --tlsverify'),
  tlsCaCert: textFlag('tlscacert', 'Trust certificates signed only by this CA'),
  tlsCert: textFlag('tlscert', 'Path of the TLS certificate'),
  tlsKey: textFlag('tlskey', 'Path of the TLS key'),
  tlsVerify: switchFlag('tlsverify', 'Use TLS and verify the remote'),
  version: switchFlag('version', 'Print version information and quit', { short: 'v' }),
};
