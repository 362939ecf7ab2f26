/**
 * The API of swarm mode, in values: a swarm of one node, from its beginning to its end, on this engine and on Docker 28.5
 * beside it. What differs has its reason in `swarm-surface/reasons.ts`.
 */
import { describe, expect, test } from 'vitest';
import { differencesOf } from './api-surface/shape.ts';
import { openDockerPeer, peerMajor } from './docker-peer.ts';
import { openTestEngine } from './engine.ts';
import { reasonFor, unused } from './swarm-surface/reasons.ts';
import { linesOf, type Step, take } from './swarm-surface/step.ts';
import { steps } from './swarm-surface/steps.ts';

const isBeside = peerMajor >= 28;
const titled = steps.map(
  (each, at) =>
    [`${at} ${each.call} ${each.json === undefined ? '' : JSON.stringify(each.json)}`, each] as const,
);

describe(`a swarm of one node${isBeside ? ' beside Docker' : ' (not compared: there is no Docker 28)'}`, () => {
  const seaway = openTestEngine();
  const docker = isBeside ? openDockerPeer() : undefined;
  const seen: string[] = [];

  test.each(titled)('%s', async (_title, each: Step) => {
    const [ours, theirs] = await Promise.all([seaway, docker].map((engine) => engine && take(engine, each)));
    if (!ours) throw new Error('no answer');
    expect(ours.text).not.toContain('not supported by seaway');
    if (!theirs) return;
    const differences = differencesOf(linesOf(theirs, each), linesOf(ours, each));
    if (each.differs !== undefined) return expect(differences, each.differs).not.toEqual([]);
    seen.push(...differences);
    expect(differences.filter((line) => reasonFor(line) === undefined)).toEqual([]);
  });

  test.skipIf(!isBeside)('every reason for a difference is needed', () => {
    expect(unused(seen)).toEqual([]);
  });
});
