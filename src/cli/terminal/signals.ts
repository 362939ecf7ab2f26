/** Signals passed on to a container: `--sig-proxy`. */

// Those that a shell or a supervisor sends; SIGUSR1 belongs to Node's debugger unless listened to.
const proxied = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGCONT'] as const;

/** How many interrupts without effect end the command itself. */
const patience = 3;

/** Pass signals on until the result is called. */
export function proxySignals(
  send: (signal: string) => Promise<unknown>,
  complain: (message: string) => void,
): () => void {
  let interrupts = 0;
  const listeners = proxied.map((signal) => {
    const listener = (): void => {
      if (signal === 'SIGINT' || signal === 'SIGTERM') interrupts++;
      if (interrupts >= patience) {
        complain(`got ${patience} SIGTERM/SIGINTs, forcefully exiting`);
        process.exit(1);
      }
      // The container may be gone already; then there is nobody to tell.
      send(signal.slice('SIG'.length)).catch(() => {});
    };
    process.on(signal, listener);
    return () => void process.off(signal, listener);
  });
  return () => {
    for (const stop of listeners) stop();
  };
}
