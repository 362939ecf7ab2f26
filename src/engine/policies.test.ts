import { expect, test } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import type { Namespace } from '../kernel/kernel.ts';
import { blankConfig } from '../model/blank.ts';
import { applyPolicies } from '../model/policies.ts';
import { openSandbox } from '../model/sandboxes.ts';
import { readDocument } from '../policy/read-document.ts';
import { policyVerbs } from './policies.ts';

function guarded(count: number) {
  const here = world();
  here.network('app', {});
  for (let number = 0; number < count; number++) {
    const container = here.container(`c${number}`, { hostConfig: { NetworkMode: 'app' } });
    here.model.apply(openSandbox(here.model, container, here.sandboxContext).changes);
  }
  const document = `policies: [{ name: all, applies: { network: app }, ingress: [{ allow: c0 }] }]`;
  here.model.apply(applyPolicies(here.model, readDocument(document)).changes);
  let reads = 0;
  const namespace = {
    nft: () => {
      reads += 1;
      return '';
    },
  } as Partial<Namespace> as Namespace;
  const core = { model: here.model, reconciler: { namespaceOf: () => namespace } };
  return { here, verbs: policyVerbs(core as never), reads: () => reads };
}

test('counters of many namespaces are read in several turns of the event loop', async () => {
  const { verbs, reads } = guarded(9);
  const listing = verbs.list();
  const first = await new Promise<number>((resolve) => setImmediate(() => resolve(reads())));
  expect(first).toBeLessThan(9);
  expect((await listing).map(({ policy }) => policy.id)).toEqual(['all']);
  expect(reads()).toBe(9);
});

test('a policy of labels cannot be removed, and says with what it goes', async () => {
  const { here, verbs } = guarded(0);
  const config = { ...blankConfig, Labels: { 'com.seaway.policy.allow-from': 'web' } };
  const db = here.container('db', { config });
  here.model.apply([{ table: 'containers', put: db }]);
  await expect(verbs.remove('labels of db')).rejects.toThrow(/labels .* of container db and goes with it/);
});
