/** What `docker info` says of registries: which are trusted without TLS, and who stands in for Docker Hub. */
import type { DaemonConfig } from '../config/config.ts';

interface IndexFacts {
  readonly Name: string;
  readonly Mirrors: readonly string[];
  readonly Secure: boolean;
  readonly Official: boolean;
}

/** Loopback is never asked for TLS, as with Docker. */
const loopback = ['::1/128', '127.0.0.0/8'];

const insecureIndex = (name: string): IndexFacts => ({
  Name: name,
  Mirrors: [],
  Secure: false,
  Official: false,
});

/** `RegistryConfig` (Docker Engine API 1.50: RegistryServiceConfig). */
export function registryFacts(config: Pick<DaemonConfig, 'insecureRegistries' | 'registryMirrors'>): object {
  const { insecureRegistries, registryMirrors } = config;
  const hub = { Name: 'docker.io', Mirrors: registryMirrors, Secure: true, Official: true };
  const hosts = insecureRegistries.filter((name) => !name.includes('/'));
  const indexes = [...hosts.map(insecureIndex), hub];
  return {
    InsecureRegistryCIDRs: [...insecureRegistries.filter((name) => name.includes('/')), ...loopback],
    IndexConfigs: Object.fromEntries(indexes.map((index) => [index.Name, index])),
    Mirrors: registryMirrors.length > 0 ? registryMirrors : null,
  };
}
