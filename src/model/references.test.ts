import { describe, expect, it } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { overlay } from './overlay.ts';
import { findAskedNetwork, findContainer, findNetwork } from './references.ts';
import type { Change } from './tables.ts';

/** Ids of which the first digits, chosen for a case, are the only ones that matter. */
const idOf = (digits: string): string => digits.padEnd(64, '0');

function here(ids: Readonly<Record<string, string>>) {
  const { model, container, network } = world();
  const sample = container('sample');
  const base = network('base');
  model.apply([
    { table: 'containers', remove: sample.id },
    { table: 'networks', remove: base.id },
  ]);
  for (const [name, digits] of Object.entries(ids))
    model.apply([
      { table: 'containers', put: { ...sample, id: idOf(digits), name } },
      { table: 'networks', put: { ...base, id: idOf(digits), name } },
    ]);
  return model;
}

/** Both kinds are found by the same rules; what is not found is told in their own words. */
const kinds = [
  ['container', findContainer, 'No such container: ', 'multiple IDs found with provided prefix: ab'],
  ['network', findNetwork, 'not found', 'network ab is ambiguous (2 matches found on ID prefix)'],
] as const;

describe.each(kinds)('a %s', (_kind, find, missing, ambiguous) => {
  const model = here({ web: 'abc1', abd: 'abd2', abc: 'fff3', 'a-b': 'e4' });
  const cases: [string, string, string][] = [
    ['its name', 'web', 'web'],
    ['its id', idOf('abc1'), 'web'],
    ['the beginning of its id', 'abc1', 'web'],
    ['a single digit that no other id begins with', 'f', 'abc'],
    ['its name before the id of another that begins so', 'abd', 'abd'],
    ['its name although an id of another begins so', 'abc', 'abc'],
  ];
  it.each(cases)('is found by %s', (_by, ref, name) => {
    expect(find(model, ref).name).toBe(name);
  });

  it.each([
    ['the middle of an id', 'bc1'],
    ['capital digits', 'ABC1'],
    ['the beginning of a name', 'we'],
    ['more than an id', `${idOf('abc1')}0`],
  ])('is not found by %s', (_by, ref) => {
    expect(() => find(model, ref)).toThrow(missing);
  });

  it('is not guessed where several ids begin so', () => {
    expect(() => find(model, 'ab')).toThrow(ambiguous);
  });
});

describe('a container in particular', () => {
  it('may be called with a slash before its name, but not before its id', () => {
    const model = here({ web: 'abc1' });
    expect(findContainer(model, '/web').name).toBe('web');
    expect(() => findContainer(model, '//web')).toThrow('No such container: //web');
    expect(() => findContainer(model, '/abc1')).toThrow('No such container: /abc1');
  });

  it('is never meant by nothing', () => {
    expect(() => findContainer(here({ web: 'abc1' }), '')).toThrow('invalid name or ID supplied: ""');
  });
});

describe('a network of this host and one of the cluster with the same name', () => {
  const { model, network } = world();
  const own = network('app');
  const shared: Change = {
    table: 'networks',
    put: { ...own, id: idOf('77'), scope: 'global', driver: 'overlay' },
  };
  model.apply([shared]);

  it('are one for the records of this host, whose containers stay where they are', () => {
    expect([findNetwork(model, 'app').id, model.networkByName('app')?.id]).toEqual([own.id, own.id]);
    model.apply([{ table: 'networks', remove: own.id }]);
    expect(overlay(model, [{ table: 'networks', put: own }]).networkByName('app')?.id).toBe(own.id);
    expect(findNetwork(model, 'app').id).toBe(idOf('77'));
    model.apply([{ table: 'networks', put: own }]);
    expect(overlay(model, [shared]).networkByName('app')?.id).toBe(own.id);
  });

  it('are told apart by who asks for one', () => {
    expect(() => findAskedNetwork(model, 'app')).toThrow(
      'network app is ambiguous (2 matches found on name)',
    );
    expect(findAskedNetwork(model, idOf('77')).scope).toBe('global');
    expect(findAskedNetwork(model, own.id.slice(0, 12)).scope).toBe('local');
  });
});

it('a network of a swarm is found by the first characters of its id', () => {
  const { model, network } = world();
  const app = { ...network('app'), id: 'xw8zq3k0a1b2c3d4e5f6g7h8i' };
  model.apply([{ table: 'networks', put: app }]);
  expect(findNetwork(model, 'xw8zq3k').id).toBe(app.id);
});
