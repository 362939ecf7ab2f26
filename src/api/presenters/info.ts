/** `GET /info` as versions of the API have it (Docker Engine API 1.50: SystemInfo). */
import type { Minor } from '../version.ts';

type Facts = Readonly<Record<string, unknown>>;

const commits = ['ContainerdCommit', 'RuncCommit', 'InitCommit'];

/** Until 1.48 a commit said what had been expected; here that is what there is. */
function withExpected(info: Facts): Facts {
  const pairs = commits.map((name) => {
    const commit = info[name] as { readonly ID?: string } | undefined;
    return [name, { ID: commit?.ID ?? '', Expected: commit?.ID ?? '' }];
  });
  const artifacts = { AllowNondistributableArtifactsCIDRs: [], AllowNondistributableArtifactsHostnames: [] };
  return {
    ...info,
    ...Object.fromEntries(pairs),
    RegistryConfig: { ...artifacts, ...(info.RegistryConfig as object) },
  };
}

/** Before 1.25 security options were bare names. */
function bareOptions(info: Facts): Facts {
  const names = (info.SecurityOptions as readonly string[]).map((option) =>
    option.replace(/^name=([^,]*).*$/, '$1'),
  );
  return { ...info, SecurityOptions: names, ExecutionDriver: '<not supported>' };
}

/** Take away what came later, put back what has gone. */
export function presentInfo(facts: Facts, version: Minor): object {
  const { FirewallBackend: backend, ...rest } = facts;
  const info = version < 49 ? withExpected(rest) : { ...rest, FirewallBackend: backend };
  return version < 25 ? bareOptions(info) : info;
}
