/** What is drawn where, of pictures as the engine tells them. */

import { expect, test } from 'vitest';
import type { NetworkMap } from '#client/map-answers.ts';
import { presentMap } from '../../src/api/presenters/map.ts';
import { type Box, type Drawing, layout } from '../../src/page/layout.ts';
import { conditionOf, conditionText, endOf, type Picture, pictureOf } from '../../src/page/look-up.ts';
import { groupsOf, type Shown } from '../../src/page/members.ts';
import { cityOf } from './city.ts';

const all: Shown = { stopped: true, search: '' };
const pictureFor = (count: number): Picture =>
  pictureOf(JSON.parse(JSON.stringify(presentMap(cityOf(count).map))) as NetworkMap);
const drawn = (count: number, width: number): Drawing => layout(groupsOf(pictureFor(count), all), width);

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
const isWithin = (a: Box, b: Box): boolean =>
  a.x >= b.x &&
  a.y >= b.y &&
  a.x + a.width <= b.x + b.width + 0.01 &&
  a.y + a.height <= b.y + b.height + 0.01;

test.each([
  [0, 1200],
  [3, 1200],
  [3, 360],
  [59, 800],
  [200, 360],
  [200, 790],
  [200, 2400],
])('%i containers in %i pixels: nothing overlaps, all is within', (count, width) => {
  const { cards, host, height, width: whole } = drawn(count, width);
  const boxes = [host, ...cards];
  for (const [i, one] of boxes.entries()) {
    expect(isWithin(one, { x: 0, y: 0, width: whole, height })).toBe(true);
    for (const other of boxes.slice(i + 1)) expect(overlap(one, other)).toBe(false);
  }
  for (const card of cards)
    for (const [i, tile] of card.tiles.entries()) {
      expect(isWithin(tile, card)).toBe(true);
      for (const other of card.tiles.slice(i + 1)) expect(overlap(tile, other)).toBe(false);
    }
  expect(whole).toBeLessThanOrEqual(Math.max(width, 300));
});

test('200 containers are drawn within a few windows, small but wide enough for names', () => {
  const { cards, height, isDense } = drawn(200, 1100);
  expect(isDense).toBe(true);
  expect(height).toBeLessThan(2400);
  expect(Math.min(...cards.flatMap(({ tiles }) => tiles.map(({ width }) => width)))).toBeGreaterThan(110);
});

test('every place on a network is drawn once', () => {
  const picture = pictureFor(200);
  const keys = drawn(200, 1100).cards.flatMap(({ tiles }) => tiles.map(({ member }) => member.key));
  expect(new Set(keys).size).toBe(keys.length);
  const places = picture.Containers.reduce((sum, { Networks }) => sum + Networks.length, 0);
  expect(keys.length).toBe(places);
});

test('a network without a way out has no line to the host', () => {
  const lines = drawn(3, 1200).cards.map(({ group, uplink }) => [group.network.Name, uplink !== '']);
  expect(Object.fromEntries(lines)).toEqual({ back: false, front: true, bridge: true });
});

test('a container on two networks has a line between them', () => {
  const { ties } = drawn(3, 1200);
  expect(ties.map(({ containerId }) => pictureFor(3).containerById.get(containerId)?.Name)).toEqual([
    expect.stringMatching(/api$/),
  ]);
});

test('what is searched for is what is left, by name, address, image and port', () => {
  const picture = pictureFor(200);
  const found = (search: string, stopped = true): number =>
    groupsOf(picture, { stopped, search }).reduce((sum, { members }) => sum + members.length, 0);
  expect(found('shop-web-1')).toBe(1);
  expect(found('172.18.0.2')).toBeGreaterThan(0);
  expect(found(':8080')).toBe(1);
  expect(found('nobody is called so')).toBe(0);
  expect(found('', false)).toBeLessThan(found(''));
});

test('what can be an end of an explanation has a name for it', () => {
  const picture = pictureFor(3);
  const [one] = picture.Containers;
  const [endpoint] = picture.Endpoints;
  expect(endOf(picture, { kind: 'container', id: one?.Id ?? '' })).toBe(one?.Name);
  expect(endOf(picture, { kind: 'endpoint', id: endpoint?.Id ?? '' })).toMatch(/^172\.\d+\.0\.\d+$/);
  expect(endOf(picture, { kind: 'host', id: '' })).toBe('host');
  expect(endOf(picture, { kind: 'network', id: picture.Networks[0]?.Id ?? '' })).toBeUndefined();
});

test.each([
  ['running', '', 'good', 'running'],
  ['running', 'starting', 'waiting', 'running, starting'],
  ['running', 'unhealthy', 'bad', 'running, unhealthy'],
  ['paused', 'healthy', 'waiting', 'paused, healthy'],
  ['exited', 'unhealthy', 'off', 'exited'],
  ['restarting', 'unhealthy', 'bad', 'restarting'],
])('a container that is %s and %s is %s', (State, Health, condition, text) => {
  const [one] = pictureFor(3).Containers;
  if (!one) throw new Error('no container');
  const container = { ...one, State, Health };
  expect([conditionOf(container), conditionText(container)]).toEqual([condition, text]);
});
