import { expect, test } from 'vitest';
import { endpoint, modelOf, network, pool, sandbox } from '../../test/golden/plans/world.ts';
import type { LocalEnd } from './ends.ts';
import { unresolvedCause } from './names.ts';

const app = network('app', { pools: [pool('10.1.0.0/24', '10.1.0.1')] });
const back = network('back', { pools: [pool('10.2.0.0/24', '10.2.0.1')] });
const ends = (['db', 'web', 'far'] as const).map((name, i): LocalEnd => {
  const box = sandbox(name);
  const addresses = [`10.${name === 'far' ? 2 : 1}.0.${i + 2}/24`];
  const end = endpoint(
    { network: name === 'far' ? back : app, sandbox: box },
    { addresses, dnsNames: [name] },
  );
  return { kind: 'container', name, sandbox: box, endpoints: [end] };
});
const view = modelOf({ networks: [app, back], endpoints: ends.flatMap((end) => end.endpoints) });
const [from] = ends;

test.each([
  ['far', 'name-elsewhere', /network back only \(far\), which db is not on/],
  ['WEB', 'no-name-server', /a name on network app, but db gets no address of it \(asked: 127\.0\.0\.11\)/],
  ['wbe', 'name-not-found', /db finds no address of wbe/],
  ['wbe.example.org', 'no-name-server', /192\.0\.2\.53 is silent/],
])('a name without an address: %s, %s', (name, code, sentence) => {
  if (!from) throw new Error('three ends are made above');
  const cause = unresolvedCause({ view, from, name, asked: ['127.0.0.11'], silent: '192.0.2.53' });
  expect(cause).toMatchObject({ code, sentence: expect.stringMatching(sentence) });
});
