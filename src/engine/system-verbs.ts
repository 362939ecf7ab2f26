/** The verbs of the engine itself. */
import type { AddressPool } from '../config/config.ts';
import type { Examination } from '../doctor/finding.ts';
import type { Explanation } from '../explain/explanation.ts';
import type { PendingChange } from '../explain/pending.ts';
import type { LimitSupport } from '../model/limit-support.ts';
import type { FirewallBackend } from '../reconcile/filter/choose.ts';
import type { Degraded } from '../reconcile/retries.ts';

/** The host and the engine, for `docker info`. */
export interface SystemInfo {
  /** Of the data root. */
  readonly id: string;
  readonly version: string;
  readonly runc: string;

  /** The host's name. */
  readonly name: string;
  /** As uname writes it: `x86_64`. */
  readonly architecture: string;
  readonly kernel: string;
  /** Name and version of the distribution. */
  readonly operatingSystem: string;
  readonly osVersion: string;
  readonly processors: number;
  readonly memoryBytes: number;
  readonly cgroupVersion: '1' | '2';
  readonly ipv4Forwarding: boolean;
  readonly limits: LimitSupport;

  readonly dataRoot: string;
  readonly debug: boolean;
  readonly experimental: boolean;
  readonly labels: readonly string[];
  readonly logDriver: string;
  /** '' each for none. */
  readonly cluster: { readonly store: string; readonly advertise: string };
  readonly addressPools: readonly AddressPool[];
  /** '' for none; without passwords. */
  readonly proxies: { readonly http: string; readonly https: string; readonly none: string };
  readonly plugins: PluginNames;
  readonly firewallBackend: FirewallBackend;
  readonly registries: {
    /** Names and networks (CIDR) that are trusted without TLS. */
    readonly insecure: readonly string[];
    /** Stand-ins for Docker Hub. */
    readonly mirrors: readonly string[];
  };
  readonly security: {
    readonly appArmor: boolean;
    /** Name of the profile; undefined where the kernel cannot filter system calls. */
    readonly seccomp: string | undefined;
    readonly privateCgroups: boolean;
    readonly noNewPrivileges: boolean;
  };

  readonly eventListeners: number;
  readonly openFiles: number;
  /** Active timers, sockets and the like of the process. */
  readonly activities: number;
  /** Addresses of the API over TCP without encryption. */
  readonly openAddresses: readonly string[];
  /** Failures that are being retried. */
  readonly degraded: readonly Degraded[];
  /** Unhandled errors. */
  readonly unhandled: { readonly count: number; readonly last: string };
}

/** Drivers by what they are for. */
export interface PluginNames {
  readonly volume: readonly string[];
  readonly network: readonly string[];
  readonly authorization: readonly string[];
  readonly log: readonly string[];
}

export interface SystemVersion {
  readonly version: string;
  readonly runc: string;
  readonly conmon: string;
  readonly kernel: string;
  /** As Go writes it: `amd64`. */
  readonly arch: string;
  readonly buildTime: string;
  readonly gitCommit: string;
}

/** The comparison of one scope. */
export interface ComparedScope {
  /** `network:ID`, `sandbox:ID` or `firewall`. */
  readonly scope: string;
  /** For people: `network app`, `container web`. */
  readonly name: string;
  /** Changes in the order of convergence; none if the kernel agrees. */
  readonly changes: readonly PendingChange[];
  /** Why it could not be compared, or ''. */
  readonly error: string;
}

export interface SystemVerbs {
  /** The changes that converging each scope would make now. Changes nothing. */
  compare(): Promise<readonly ComparedScope[]>;
  /** Whether FROM reaches `TO[:PORT][/udp]`, and why not. Sends a probe. Throws BAD_REQUEST, EXPLAIN_UNKNOWN. */
  explain(asking: {
    readonly from: string;
    readonly to: string;
    /** With the texts of all rules that the probe has met, which takes longer. */
    readonly texts?: boolean;
  }): Promise<Explanation>;
  /** What is wrong, or will be; `fix` cures what can be cured. */
  examine(options: { readonly fix: boolean }): Promise<Examination>;
  info(): Promise<SystemInfo>;
  version(): Promise<SystemVersion>;
}
