/** Prints the addresses of names, as the resolver of this network namespace tells them: `node ask-names.ts NAME...`. */
import { Resolver } from 'node:dns/promises';

const resolver = new Resolver({ timeout: 5_000, tries: 2 });
resolver.setServers(['127.0.0.11']);

async function addressesOf(name: string): Promise<readonly string[]> {
  const asked = [resolver.resolve4(name), resolver.resolve6(name)];
  const answers = await Promise.allSettled(asked);
  return answers.flatMap((one) => (one.status === 'fulfilled' ? one.value : [])).toSorted();
}

const names = process.argv.slice(2);
const found = await Promise.all(names.map(async (name) => [name, await addressesOf(name)] as const));
console.log(JSON.stringify(Object.fromEntries(found)));
