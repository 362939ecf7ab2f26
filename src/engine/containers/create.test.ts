import { expect, it } from 'vitest';
import type { HostConfig } from '../../model/container.ts';
import { linksMissing } from './create.ts';

it('looks once for an interface that many ports name', () => {
  const asked: string[] = [];
  const route = {
    findLink: (name: string) => {
      asked.push(name);
      return undefined;
    },
  };
  const ports = Array.from({ length: 1_000 }, (_, index) => 10_000 + index);
  const PortBindings = Object.fromEntries(
    ports.map((port) => [`${port}/tcp`, [{ HostIp: 'up0', HostPort: `${port}` }]]),
  );
  const hostConfig = { PortBindings } as unknown as HostConfig;
  expect(linksMissing({ kernel: { host: { route } } }, { hostConfig }).length).toBe(1_000);
  expect(asked).toEqual(['up0']);
});
