/** Signals passed on to a container: `--sig-proxy`. */

// signals of shells and supervisors; SIGUSR1 starts Node's debugger without a listener
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
      // the container may have ended already
      send(signal.slice('SIG'.length)).catch(() => {});
    };
    process.on(signal, listener);
    return () => void process.off(signal, listener);
  });
  return () => {
    for (const stop of listeners) stop();
  };
}
