/** Prints the time of day at which each name is answered in this network namespace, one after the other: `node await-names.ts NAME...`. */
import { Resolver } from 'node:dns/promises';
import { setTimeout as delay } from 'node:timers/promises';

const resolver = new Resolver({ timeout: 1_000, tries: 1 });
resolver.setServers(['127.0.0.11']);
console.log('ready');
for (const name of process.argv.slice(2)) {
  let answered = 0;
  const note = (): void => {
    answered ||= Date.now();
  };
  // one that is not there yet is asked for upstream, which takes its time: the next question does not wait for it
  for (; answered === 0; await delay(5)) void resolver.resolve4(name).then(note, () => undefined);
  console.log(`${answered} ${name}`);
}
process.exit();
