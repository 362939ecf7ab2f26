/** `GET /info` as versions of the API have it (Docker Engine API 1.50: SystemInfo). */
import type { Minor } from '../version.ts';

type Facts = Readonly<Record<string, unknown>>;

/** Until 1.48 a commit said what had been expected; here that is what there is. Docker has no such of containerd. */
const commits = ['RuncCommit', 'InitCommit'];

function withExpected(info: Facts): Facts {
  const pairs = commits.map((name) => {
    const commit = info[name] as { readonly ID?: string } | undefined;
    return [name, { ID: commit?.ID ?? '', Expected: commit?.ID ?? '' }];
  });
  return { ...info, ...Object.fromEntries(pairs) };
}

const artifacts = {
  AllowNondistributableArtifactsCIDRs: null,
  AllowNondistributableArtifactsHostnames: null,
};
const withArtifacts = (info: Facts): Facts => ({
  ...info,
  RegistryConfig: { ...artifacts, ...(info.RegistryConfig as object) },
});

/** Before 1.25 security options were bare names. */
function bareOptions(info: Facts): Facts {
  const names = (info.SecurityOptions as readonly string[]).map((option) =>
    option.replace(/^name=([^,]*).*$/, '$1'),
  );
  return { ...info, SecurityOptions: names };
}

const without = (info: Facts, names: readonly string[]): Facts =>
  Object.fromEntries(Object.entries(info).filter(([name]) => !names.includes(name)));

/** What versions before `before` have otherwise than 1.50. */
const changes: readonly {
  readonly before: Minor;
  readonly change: (info: Facts) => Facts;
}[] = [
  { before: 25, change: bareOptions },
  { before: 47, change: withArtifacts },
  { before: 49, change: (info) => withExpected(without(info, ['FirewallBackend'])) },
  { before: 50, change: (info) => ({ ...info, BridgeNfIptables: false, BridgeNfIp6tables: false }) },
];

/** Take away what came later, put back what has gone. */
export function presentInfo(facts: Facts, version: Minor): object {
  return changes.reduce((info, { before, change }) => (version < before ? change(info) : info), facts);
}
