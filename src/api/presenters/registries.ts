/** Registries in `docker info`: those trusted without TLS, and mirrors of Docker Hub. */
import type { SystemInfo } from '../../engine/system-verbs.ts';

/** Loopback needs no TLS, as in Docker. */
const loopback = ['::1/128', '127.0.0.0/8'];

const insecureIndex = (name: string) => ({ Name: name, Mirrors: [], Secure: false, Official: false });

/** `RegistryConfig` (Docker Engine API 1.50: RegistryServiceConfig). */
export function presentRegistries({ insecure, mirrors }: SystemInfo['registries']): object {
  const hub = { Name: 'docker.io', Mirrors: mirrors, Secure: true, Official: true };
  const indexes = [...insecure.filter((name) => !name.includes('/')).map(insecureIndex), hub];
  return {
    InsecureRegistryCIDRs: [...insecure.filter((name) => name.includes('/')), ...loopback],
    IndexConfigs: Object.fromEntries(indexes.map((index) => [index.Name, index])),
    Mirrors: mirrors.length > 0 ? mirrors : null,
  };
}
