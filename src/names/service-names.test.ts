import { describe, expect, it } from 'vitest';
import { driverTable } from '../drivers/table.ts';
import { Model } from '../model/memory.ts';
import type { ServedService } from '../model/virtual-service.ts';
import { serviceNames } from './service-names.ts';

const backend = (number: number, open = true) => ({
  ...{ id: `t${number}`, number, open },
  addresses: [`10.0.1.${number}`, `fd00::${number}`],
});

const web: ServedService = {
  ...{ id: 's n', serviceId: 's', networkId: 'n', name: 'Web', aliases: ['www'] },
  ...{ addresses: ['10.0.1.200'], named: true, backends: [backend(3), backend(4), backend(5, false)] },
};

function viewOf(service?: ServedService): Model {
  const model = new Model(driverTable());
  if (service) model.apply([{ table: 'services', put: service }]);
  return model;
}

/** `NAME ADDRESS`, or `NAME -` for one that goes. */
const changes = (before: ServedService | undefined, after: ServedService | undefined): readonly string[] =>
  serviceNames('s n', viewOf(before), viewOf(after)).map(
    ({ name, entry }) => `${name} ${entry ? entry.ipv4 : '-'}`,
  );

describe('names of a service', () => {
  it('lead to its virtual address, and those of its tasks to each that takes new connections', () => {
    expect(changes(undefined, web)).toEqual([
      ...['web 10.0.1.200', 'tasks.web 10.0.1.3', 'tasks.web 10.0.1.4'],
      ...['www 10.0.1.200', 'tasks.www 10.0.1.3', 'tasks.www 10.0.1.4'],
    ]);
  });

  it('lead to its tasks where it has no virtual address', () => {
    const plain = { ...web, addresses: [], aliases: [] };
    expect(changes(undefined, plain)).toEqual([
      ...['web 10.0.1.3', 'web 10.0.1.4', 'tasks.web 10.0.1.3', 'tasks.web 10.0.1.4'],
    ]);
  });

  it('are not answered before the rules are in', () => {
    const { named: _, ...early } = web;
    expect(changes(undefined, early)).toEqual([]);
    expect(changes(web, early)).toHaveLength(6);
  });

  it('change with one task, no others', () => {
    const now = { ...web, backends: [backend(3), backend(4, false)] };
    expect(changes(web, now)).toEqual(['tasks.web -', 'tasks.www -']);
    expect(changes(now, { ...now, backends: [backend(3)] })).toEqual([]);
  });

  it('go with it', () => {
    expect(changes(web, undefined)).toHaveLength(6);
    expect(changes(undefined, undefined)).toEqual([]);
  });
});
