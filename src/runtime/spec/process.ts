/** The first process of a container and further ones (`exec`). */
import { fail } from '../../errors.ts';
import type { Container, HostConfig } from '../../model/container.ts';
import type { ExecSpec, StartSpec } from '../runtime.ts';
import { containerCapabilities } from './capabilities.ts';
import type { HostFacts, StartFacts } from './facts.ts';
import { ownPids } from './namespaces.ts';
import type { OciProcess, OciRlimit, OciUser } from './oci.ts';
import { parseSecurityOptions } from './security.ts';

/** Where the init is bound in the container (Docker's place). */
export const initDestination = '/sbin/docker-init';

/** `--init`, for a container with its own pid namespace. */
export function wantsInit(host: HostConfig): boolean {
  return host.Init === true && ownPids(host);
}

function argumentsOf(start: StartSpec, facts: HostFacts): readonly string[] {
  const { Entrypoint, Cmd } = start.container.config;
  const own = [...(Entrypoint ?? []), ...(Cmd ?? [])];
  const args = own.length > 0 ? own : [...(start.image.Entrypoint ?? []), ...(start.image.Cmd ?? [])];
  if (args.length === 0) throw fail('CONTAINER_CONFIG_INVALID', 'no command specified');
  if (!wantsInit(start.container.hostConfig)) return args;
  if (facts.init === '') {
    throw fail(
      'START_FAILED',
      'failed to find docker-init binary: exec: "docker-init": executable file not found in $PATH',
    );
  }
  return [initDestination, '--', ...args];
}

/** Without CAP_SYS_RESOURCE limits cannot exceed the engine's own hard limits (setrlimit(2)). */
function rlimitsOf(host: HostConfig, facts: HostFacts): readonly OciRlimit[] {
  return (host.Ulimits ?? []).map(({ Name, Soft, Hard }) => {
    const ceiling = facts.hardLimits[Name.toLowerCase()] ?? Number.MAX_SAFE_INTEGER;
    const within = (value: number): number => Math.min(value < 0 ? Number.MAX_SAFE_INTEGER : value, ceiling);
    return { type: `RLIMIT_${Name.toUpperCase()}`, soft: within(Soft), hard: within(Hard) };
  });
}

function capabilitiesOf(
  container: Container,
  facts: HostFacts,
  privileged: boolean,
): OciProcess['capabilities'] {
  const host = container.hostConfig;
  const capabilities = containerCapabilities({
    privileged,
    add: host.CapAdd ?? [],
    drop: host.CapDrop ?? [],
    available: facts.capabilities,
  });
  return { bounding: capabilities, effective: capabilities, permitted: capabilities };
}

function apparmorOf(container: Container, facts: HostFacts): string {
  if (!facts.apparmor) return '';
  const profile = parseSecurityOptions(container.hostConfig.SecurityOpt ?? []).apparmor;
  return profile === 'unconfined' ? '' : profile;
}

export function processOf(start: StartSpec, facts: HostFacts, own: StartFacts): OciProcess {
  const { config, hostConfig: host } = start.container;
  const rlimits = rlimitsOf(host, facts);
  const apparmorProfile = apparmorOf(start.container, facts);
  const [height, width] = host.ConsoleSize;
  return {
    terminal: config.Tty,
    ...(config.Tty && height > 0 && width > 0 && { consoleSize: { height, width } }),
    user: own.user,
    args: argumentsOf(start, facts),
    env: start.env,
    cwd: config.WorkingDir === '' ? '/' : config.WorkingDir,
    capabilities: capabilitiesOf(start.container, facts, host.Privileged),
    ...(rlimits.length > 0 && { rlimits }),
    noNewPrivileges: parseSecurityOptions(host.SecurityOpt ?? []).noNewPrivileges,
    ...(apparmorProfile !== '' && { apparmorProfile }),
    ...(host.OomScoreAdj >= facts.oomScoreAdjFloor && { oomScoreAdj: host.OomScoreAdj }),
  };
}

/** A further process: the container's settings with those of the request. */
export function execProcessOf(
  container: Container,
  spec: ExecSpec,
  given: { readonly first: OciProcess; readonly user: OciUser; readonly facts: HostFacts },
): OciProcess {
  const privileged = spec.privileged || container.hostConfig.Privileged;
  const { consoleSize: _, ...first } = given.first;
  return {
    ...first,
    terminal: spec.tty,
    ...(spec.tty && spec.size && { consoleSize: { height: spec.size.rows, width: spec.size.columns } }),
    user: given.user,
    args: spec.args,
    env: spec.env,
    cwd: spec.cwd === '' ? first.cwd : spec.cwd,
    capabilities: capabilitiesOf(container, given.facts, privileged),
  };
}
