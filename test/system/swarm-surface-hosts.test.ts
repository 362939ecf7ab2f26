/**
 * The API of swarm mode in values on three hosts, of this engine and of Docker 28.5 beside it. What differs has its reason in
 * `swarm-surface/hosts-reasons.ts`. Only beside Docker: `npm run test:docker`.
 */
import { afterAll, describe, expect, test } from 'vitest';
import { etcdProgram } from '../kernel/kv/etcd-server.ts';
import { differencesOf } from './api-surface/shape.ts';
import { openDockerPeer, peerMajor } from './docker-peer.ts';
import { openTestEngine } from './engine.ts';
import { type HostStep, places, Trio } from './swarm-surface/hosts.ts';
import { reasonForHosts, unusedOfHosts } from './swarm-surface/hosts-reasons.ts';
import { hostSteps } from './swarm-surface/hosts-steps.ts';
import { linesOf } from './swarm-surface/step.ts';

const canRun = peerMajor >= 28 && etcdProgram !== undefined;
const titled = hostSteps.map(
  (each, index) => [`${index} ${each.at} ${each.first ?? ''} ${each.call.slice(0, 150)}`, each] as const,
);

describe.skipIf(!canRun)(
  `a swarm of three hosts beside Docker${canRun ? '' : ' (there is no Docker 28)'}`,
  () => {
    const ours = new Trio(places.map((at) => openTestEngine({ idle: true, hostname: `node${at}` })));
    const theirs = new Trio(
      places.map((at) => openDockerPeer({ idle: true, keepsData: true, hostname: `node${at}` })),
    );
    const seen: string[] = [];
    for (const { hosts } of [ours, theirs]) for (const host of hosts) host.patience = 60_000;
    afterAll(async () => {
      await Promise.all([ours.end(), theirs.end()]);
    }, 120_000);

    test.each(titled)(
      '%s',
      async (_title, each: HostStep) => {
        const [here, there] = await Promise.all([ours.take(each), theirs.take(each)]);
        expect(here.text).not.toContain('not supported by seaway');
        const differences = differencesOf(linesOf(there, each), linesOf(here, each));
        if (each.differs !== undefined) return expect(differences, each.differs).not.toEqual([]);
        seen.push(...differences);
        expect(differences.filter((line) => reasonForHosts(line) === undefined)).toEqual([]);
      },
      200_000,
    );

    test('every reason for a difference is needed', () => {
      expect(unusedOfHosts(seen)).toEqual([]);
    });
  },
);
