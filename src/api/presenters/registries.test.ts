import { expect, test } from 'vitest';
import { presentRegistries } from './registries.ts';

test('Docker Hub is there with its mirrors, loopback is trusted', () => {
  const mirrors = ['https://mirror.example/'];
  expect(presentRegistries({ insecure: [], mirrors })).toEqual({
    InsecureRegistryCIDRs: ['::1/128', '127.0.0.0/8'],
    IndexConfigs: { 'docker.io': { Name: 'docker.io', Mirrors: mirrors, Secure: true, Official: true } },
    Mirrors: mirrors,
  });
});

test('registries without TLS are listed by name, networks of them by address', () => {
  const facts = presentRegistries({
    insecure: ['registry.example:5000', '192.0.2.0/24'],
    mirrors: [],
  });
  expect(facts).toMatchObject({
    InsecureRegistryCIDRs: ['192.0.2.0/24', '::1/128', '127.0.0.0/8'],
    IndexConfigs: {
      'registry.example:5000': { Name: 'registry.example:5000', Secure: false, Official: false },
    },
  });
});
