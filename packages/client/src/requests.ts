/**
 * Bodies of requests (Docker Engine API 1.50). Made from the schemas of src/api/schemas, which the engine checks them by:
 * UPDATE_GOLDEN=1 npm run test:pure -- test/golden
 */

export interface Config {
  readonly Hostname?: string;
  readonly Domainname?: string;
  readonly User?: string;
  readonly AttachStdin?: boolean;
  readonly AttachStdout?: boolean;
  readonly AttachStderr?: boolean;
  readonly ExposedPorts?: Readonly<Record<string, Readonly<Record<string, never>>>>;
  readonly Tty?: boolean;
  readonly OpenStdin?: boolean;
  readonly StdinOnce?: boolean;
  readonly Env?: readonly string[];
  readonly Cmd?: readonly string[] | string;
  readonly Healthcheck?: {
    readonly Test?: readonly string[];
    readonly Interval?: number;
    readonly Timeout?: number;
    readonly Retries?: number;
    readonly StartPeriod?: number;
    readonly StartInterval?: number;
  };
  readonly ArgsEscaped?: boolean;
  readonly Image?: string;
  readonly Volumes?: Readonly<Record<string, Readonly<Record<string, never>>>>;
  readonly WorkingDir?: string;
  readonly Entrypoint?: readonly string[] | string;
  readonly NetworkDisabled?: boolean;
  readonly MacAddress?: string;
  readonly OnBuild?: readonly string[];
  readonly Labels?: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
  readonly StopTimeout?: number;
  readonly Shell?: readonly string[] | string;
}

export interface CreateRequest {
  readonly Hostname?: string;
  readonly Domainname?: string;
  readonly User?: string;
  readonly AttachStdin?: boolean;
  readonly AttachStdout?: boolean;
  readonly AttachStderr?: boolean;
  readonly ExposedPorts?: Readonly<Record<string, Readonly<Record<string, never>>>>;
  readonly Tty?: boolean;
  readonly OpenStdin?: boolean;
  readonly StdinOnce?: boolean;
  readonly Env?: readonly string[];
  readonly Cmd?: readonly string[] | string;
  readonly Healthcheck?: {
    readonly Test?: readonly string[];
    readonly Interval?: number;
    readonly Timeout?: number;
    readonly Retries?: number;
    readonly StartPeriod?: number;
    readonly StartInterval?: number;
  };
  readonly ArgsEscaped?: boolean;
  readonly Image?: string;
  readonly Volumes?: Readonly<Record<string, Readonly<Record<string, never>>>>;
  readonly WorkingDir?: string;
  readonly Entrypoint?: readonly string[] | string;
  readonly NetworkDisabled?: boolean;
  readonly MacAddress?: string;
  readonly OnBuild?: readonly string[];
  readonly Labels?: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
  readonly StopTimeout?: number;
  readonly Shell?: readonly string[] | string;
  readonly HostConfig?: {
    readonly Binds?: readonly string[];
    readonly ContainerIDFile?: string;
    readonly LogConfig?: {
      readonly Type?: string;
      readonly Config?: Readonly<Record<string, string>>;
    };
    readonly NetworkMode?: string;
    readonly PortBindings?: Readonly<Record<string, readonly {
      readonly HostIp?: string;
      readonly HostPort?: string;
    }[]>>;
    readonly RestartPolicy?: {
      readonly Name?: string;
      readonly MaximumRetryCount?: number;
    };
    readonly AutoRemove?: boolean;
    readonly VolumeDriver?: string;
    readonly VolumesFrom?: readonly string[];
    readonly Mounts?: readonly {
      readonly Type?: string;
      readonly Source?: string;
      readonly Target?: string;
      readonly ReadOnly?: boolean;
      readonly Consistency?: string;
      readonly BindOptions?: {
        readonly Propagation?: string;
        readonly NonRecursive?: boolean;
        readonly CreateMountpoint?: boolean;
        readonly ReadOnlyNonRecursive?: boolean;
        readonly ReadOnlyForceRecursive?: boolean;
      };
      readonly VolumeOptions?: {
        readonly NoCopy?: boolean;
        readonly Labels?: Readonly<Record<string, string>>;
        readonly Subpath?: string;
        readonly DriverConfig?: {
          readonly Name?: string;
          readonly Options?: Readonly<Record<string, string>>;
        };
      };
      readonly TmpfsOptions?: {
        readonly SizeBytes?: number;
        readonly Mode?: number;
        readonly Options?: readonly (readonly string[])[];
      };
    }[];
    readonly ConsoleSize?: readonly number[];
    readonly Annotations?: Readonly<Record<string, string>>;
    readonly CapAdd?: readonly string[];
    readonly CapDrop?: readonly string[];
    readonly CgroupnsMode?: string;
    readonly Dns?: readonly string[];
    readonly DnsOptions?: readonly string[];
    readonly DnsSearch?: readonly string[];
    readonly ExtraHosts?: readonly string[];
    readonly GroupAdd?: readonly string[];
    readonly IpcMode?: string;
    readonly Cgroup?: string;
    readonly Links?: readonly string[];
    readonly OomScoreAdj?: number;
    readonly PidMode?: string;
    readonly Privileged?: boolean;
    readonly PublishAllPorts?: boolean;
    readonly ReadonlyRootfs?: boolean;
    readonly SecurityOpt?: readonly string[];
    readonly StorageOpt?: Readonly<Record<string, string>>;
    readonly Tmpfs?: Readonly<Record<string, string>>;
    readonly UTSMode?: string;
    readonly UsernsMode?: string;
    readonly ShmSize?: number;
    readonly Sysctls?: Readonly<Record<string, string>>;
    readonly Runtime?: string;
    readonly Isolation?: string;
    readonly CpuShares?: number;
    readonly Memory?: number;
    readonly NanoCpus?: number;
    readonly CgroupParent?: string;
    readonly BlkioWeight?: number;
    readonly BlkioDeviceReadBps?: readonly {
      readonly Path?: string;
      readonly Rate?: number;
    }[];
    readonly BlkioDeviceWriteBps?: readonly {
      readonly Path?: string;
      readonly Rate?: number;
    }[];
    readonly BlkioDeviceReadIOps?: readonly {
      readonly Path?: string;
      readonly Rate?: number;
    }[];
    readonly BlkioDeviceWriteIOps?: readonly {
      readonly Path?: string;
      readonly Rate?: number;
    }[];
    readonly CpuPeriod?: number;
    readonly CpuQuota?: number;
    readonly CpuRealtimePeriod?: number;
    readonly CpuRealtimeRuntime?: number;
    readonly CpusetCpus?: string;
    readonly CpusetMems?: string;
    readonly Devices?: readonly {
      readonly PathOnHost?: string;
      readonly PathInContainer?: string;
      readonly CgroupPermissions?: string;
    }[];
    readonly DeviceCgroupRules?: readonly string[];
    readonly MemoryReservation?: number;
    readonly MemorySwap?: number;
    readonly MemorySwappiness?: number;
    readonly OomKillDisable?: boolean;
    readonly Init?: boolean;
    readonly PidsLimit?: number;
    readonly Ulimits?: readonly {
      readonly Name?: string;
      readonly Soft?: number;
      readonly Hard?: number;
    }[];
    readonly MaskedPaths?: readonly string[];
    readonly ReadonlyPaths?: readonly string[];
  };
  readonly NetworkingConfig?: {
    readonly EndpointsConfig?: Readonly<Record<string, {
      readonly IPAMConfig?: {
        readonly IPv4Address?: string;
        readonly IPv6Address?: string;
        readonly LinkLocalIPs?: readonly string[];
      };
      readonly Links?: readonly string[];
      readonly Aliases?: readonly string[];
      readonly MacAddress?: string;
      readonly DriverOpts?: Readonly<Record<string, string>>;
      readonly GwPriority?: number;
    }>>;
  };
}

export interface UpdateConfig {
  readonly CpuShares?: number;
  readonly Memory?: number;
  readonly NanoCpus?: number;
  readonly BlkioWeight?: number;
  readonly CpuPeriod?: number;
  readonly CpuQuota?: number;
  readonly CpuRealtimePeriod?: number;
  readonly CpuRealtimeRuntime?: number;
  readonly CpusetCpus?: string;
  readonly CpusetMems?: string;
  readonly MemoryReservation?: number;
  readonly MemorySwap?: number;
  readonly PidsLimit?: number;
  readonly RestartPolicy?: {
    readonly Name?: string;
    readonly MaximumRetryCount?: number;
  };
}

export interface ExecOptions {
  readonly User?: string;
  readonly Privileged?: boolean;
  readonly Tty?: boolean;
  readonly ConsoleSize?: readonly number[];
  readonly AttachStdin?: boolean;
  readonly AttachStderr?: boolean;
  readonly AttachStdout?: boolean;
  readonly Detach?: boolean;
  readonly DetachKeys?: string;
  readonly Env?: readonly string[];
  readonly WorkingDir?: string;
  readonly Cmd?: readonly string[];
}

export interface ExecStartOptions {
  readonly Detach?: boolean;
  readonly Tty?: boolean;
  readonly ConsoleSize?: readonly number[];
}

export interface NetworkCreateRequest {
  readonly Name?: string;
  readonly CheckDuplicate?: boolean;
  readonly Driver?: string;
  readonly Scope?: string;
  readonly EnableIPv4?: boolean;
  readonly EnableIPv6?: boolean;
  readonly IPAM?: {
    readonly Driver?: string;
    readonly Options?: Readonly<Record<string, string>>;
    readonly Config?: readonly {
      readonly Subnet?: string;
      readonly IPRange?: string;
      readonly Gateway?: string;
      readonly AuxiliaryAddresses?: Readonly<Record<string, string>>;
    }[];
  };
  readonly Internal?: boolean;
  readonly Attachable?: boolean;
  readonly Ingress?: boolean;
  readonly ConfigOnly?: boolean;
  readonly ConfigFrom?: {
    readonly Network?: string;
  };
  readonly Options?: Readonly<Record<string, string>>;
  readonly Labels?: Readonly<Record<string, string>>;
}

export interface NetworkConnect {
  readonly Container?: string;
  readonly EndpointConfig?: {
    readonly IPAMConfig?: {
      readonly IPv4Address?: string;
      readonly IPv6Address?: string;
      readonly LinkLocalIPs?: readonly string[];
    };
    readonly Links?: readonly string[];
    readonly Aliases?: readonly string[];
    readonly MacAddress?: string;
    readonly DriverOpts?: Readonly<Record<string, string>>;
    readonly GwPriority?: number;
  };
}

export interface NetworkDisconnect {
  readonly Container?: string;
  readonly Force?: boolean;
}

export interface VolumeCreateOptions {
  readonly Name?: string;
  readonly Driver?: string;
  readonly DriverOpts?: Readonly<Record<string, string>>;
  readonly Labels?: Readonly<Record<string, string>>;
}

export interface AuthConfig {
  readonly username?: string;
  readonly password?: string;
  readonly email?: string;
  readonly serveraddress?: string;
  readonly identitytoken?: string;
  readonly registrytoken?: string;
  readonly auth?: string;
}

export interface Spec {
  readonly Name?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly Orchestration?: {
    readonly TaskHistoryRetentionLimit?: number;
  };
  readonly Raft?: {
    readonly SnapshotInterval?: number;
    readonly KeepOldSnapshots?: number;
    readonly LogEntriesForSlowFollowers?: number;
    readonly ElectionTick?: number;
    readonly HeartbeatTick?: number;
  };
  readonly Dispatcher?: {
    readonly HeartbeatPeriod?: number;
  };
  readonly CAConfig?: {
    readonly NodeCertExpiry?: number;
    readonly ExternalCAs?: readonly {
      readonly Protocol?: string;
      readonly URL?: string;
      readonly Options?: Readonly<Record<string, string>>;
      readonly CACert?: string;
    }[];
    readonly SigningCACert?: string;
    readonly SigningCAKey?: string;
    readonly ForceRotate?: number;
  };
  readonly TaskDefaults?: {
    readonly LogDriver?: {
      readonly Name?: string;
      readonly Options?: Readonly<Record<string, string>>;
    };
  };
  readonly EncryptionConfig?: {
    readonly AutoLockManagers?: boolean;
  };
}

export interface InitRequest {
  readonly ListenAddr?: string;
  readonly AdvertiseAddr?: string;
  readonly DataPathAddr?: string;
  readonly DataPathPort?: number;
  readonly ForceNewCluster?: boolean;
  readonly Spec?: {
    readonly Name?: string;
    readonly Labels?: Readonly<Record<string, string>>;
    readonly Orchestration?: {
      readonly TaskHistoryRetentionLimit?: number;
    };
    readonly Raft?: {
      readonly SnapshotInterval?: number;
      readonly KeepOldSnapshots?: number;
      readonly LogEntriesForSlowFollowers?: number;
      readonly ElectionTick?: number;
      readonly HeartbeatTick?: number;
    };
    readonly Dispatcher?: {
      readonly HeartbeatPeriod?: number;
    };
    readonly CAConfig?: {
      readonly NodeCertExpiry?: number;
      readonly ExternalCAs?: readonly {
        readonly Protocol?: string;
        readonly URL?: string;
        readonly Options?: Readonly<Record<string, string>>;
        readonly CACert?: string;
      }[];
      readonly SigningCACert?: string;
      readonly SigningCAKey?: string;
      readonly ForceRotate?: number;
    };
    readonly TaskDefaults?: {
      readonly LogDriver?: {
        readonly Name?: string;
        readonly Options?: Readonly<Record<string, string>>;
      };
    };
    readonly EncryptionConfig?: {
      readonly AutoLockManagers?: boolean;
    };
  };
  readonly AutoLockManagers?: boolean;
  readonly Availability?: string;
  readonly DefaultAddrPool?: readonly string[];
  readonly SubnetSize?: number;
}

export interface JoinRequest {
  readonly ListenAddr?: string;
  readonly AdvertiseAddr?: string;
  readonly DataPathAddr?: string;
  readonly RemoteAddrs?: readonly string[];
  readonly JoinToken?: string;
  readonly Availability?: string;
}

export interface NodeSpec {
  readonly Name?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly Role?: string;
  readonly Availability?: string;
}

export interface ServiceSpec {
  readonly Name?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly TaskTemplate?: {
    readonly ContainerSpec?: {
      readonly Image?: string;
      readonly Labels?: Readonly<Record<string, string>>;
      readonly Command?: readonly string[];
      readonly Args?: readonly string[];
      readonly Hostname?: string;
      readonly Env?: readonly string[];
      readonly Dir?: string;
      readonly User?: string;
      readonly Groups?: readonly string[];
      readonly Privileges?: {
        readonly SELinuxContext?: {
          readonly Disable?: boolean;
          readonly User?: string;
          readonly Role?: string;
          readonly Type?: string;
          readonly Level?: string;
        };
        readonly Seccomp?: {
          readonly Mode?: string;
          readonly Profile?: string;
        };
        readonly AppArmor?: {
          readonly Mode?: string;
        };
        readonly NoNewPrivileges?: boolean;
      };
      readonly Init?: boolean;
      readonly StopSignal?: string;
      readonly TTY?: boolean;
      readonly OpenStdin?: boolean;
      readonly ReadOnly?: boolean;
      readonly Mounts?: readonly {
        readonly Type?: string;
        readonly Source?: string;
        readonly Target?: string;
        readonly ReadOnly?: boolean;
        readonly Consistency?: string;
        readonly BindOptions?: {
          readonly Propagation?: string;
          readonly NonRecursive?: boolean;
          readonly CreateMountpoint?: boolean;
          readonly ReadOnlyNonRecursive?: boolean;
          readonly ReadOnlyForceRecursive?: boolean;
        };
        readonly VolumeOptions?: {
          readonly NoCopy?: boolean;
          readonly Labels?: Readonly<Record<string, string>>;
          readonly Subpath?: string;
          readonly DriverConfig?: {
            readonly Name?: string;
            readonly Options?: Readonly<Record<string, string>>;
          };
        };
        readonly TmpfsOptions?: {
          readonly SizeBytes?: number;
          readonly Mode?: number;
          readonly Options?: readonly (readonly string[])[];
        };
      }[];
      readonly StopGracePeriod?: number;
      readonly Healthcheck?: {
        readonly Test?: readonly string[];
        readonly Interval?: number;
        readonly Timeout?: number;
        readonly Retries?: number;
        readonly StartPeriod?: number;
        readonly StartInterval?: number;
      };
      readonly Hosts?: readonly string[];
      readonly DNSConfig?: {
        readonly Nameservers?: readonly string[];
        readonly Search?: readonly string[];
        readonly Options?: readonly string[];
      };
      readonly Secrets?: readonly {
        readonly File?: {
          readonly Name?: string;
          readonly UID?: string;
          readonly GID?: string;
          readonly Mode?: number;
        };
        readonly SecretID?: string;
        readonly SecretName?: string;
        readonly ConfigID?: string;
        readonly ConfigName?: string;
      }[];
      readonly Configs?: readonly {
        readonly File?: {
          readonly Name?: string;
          readonly UID?: string;
          readonly GID?: string;
          readonly Mode?: number;
        };
        readonly SecretID?: string;
        readonly SecretName?: string;
        readonly ConfigID?: string;
        readonly ConfigName?: string;
      }[];
      readonly Isolation?: string;
      readonly Sysctls?: Readonly<Record<string, string>>;
      readonly CapabilityAdd?: readonly string[];
      readonly CapabilityDrop?: readonly string[];
      readonly Ulimits?: readonly {
        readonly Name?: string;
        readonly Soft?: number;
        readonly Hard?: number;
      }[];
      readonly OomScoreAdj?: number;
    };
    readonly Resources?: {
      readonly Limits?: {
        readonly NanoCPUs?: number;
        readonly MemoryBytes?: number;
        readonly Pids?: number;
      };
      readonly Reservations?: {
        readonly NanoCPUs?: number;
        readonly MemoryBytes?: number;
        readonly GenericResources?: readonly {
          readonly NamedResourceSpec?: {
            readonly Kind?: string;
            readonly Value?: string;
          };
          readonly DiscreteResourceSpec?: {
            readonly Kind?: string;
            readonly Value?: number;
          };
        }[];
      };
    };
    readonly RestartPolicy?: {
      readonly Condition?: string;
      readonly Delay?: number;
      readonly MaxAttempts?: number;
      readonly Window?: number;
    };
    readonly Placement?: {
      readonly Constraints?: readonly string[];
      readonly Preferences?: readonly {
        readonly Spread?: {
          readonly SpreadDescriptor?: string;
        };
      }[];
      readonly MaxReplicas?: number;
      readonly Platforms?: readonly {
        readonly Architecture?: string;
        readonly OS?: string;
      }[];
    };
    readonly Networks?: readonly {
      readonly Target?: string;
      readonly Aliases?: readonly string[];
      readonly DriverOpts?: Readonly<Record<string, string>>;
    }[];
    readonly LogDriver?: {
      readonly Name?: string;
      readonly Options?: Readonly<Record<string, string>>;
    };
    readonly ForceUpdate?: number;
    readonly Runtime?: string;
  };
  readonly Mode?: {
    readonly Replicated?: {
      readonly Replicas?: number;
    };
    readonly Global?: Readonly<Record<string, never>>;
    readonly ReplicatedJob?: {
      readonly MaxConcurrent?: number;
      readonly TotalCompletions?: number;
    };
    readonly GlobalJob?: Readonly<Record<string, never>>;
  };
  readonly UpdateConfig?: {
    readonly Parallelism?: number;
    readonly Delay?: number;
    readonly FailureAction?: string;
    readonly Monitor?: number;
    readonly MaxFailureRatio?: number;
    readonly Order?: string;
  };
  readonly RollbackConfig?: {
    readonly Parallelism?: number;
    readonly Delay?: number;
    readonly FailureAction?: string;
    readonly Monitor?: number;
    readonly MaxFailureRatio?: number;
    readonly Order?: string;
  };
  readonly Networks?: readonly {
    readonly Target?: string;
    readonly Aliases?: readonly string[];
    readonly DriverOpts?: Readonly<Record<string, string>>;
  }[];
  readonly EndpointSpec?: {
    readonly Mode?: string;
    readonly Ports?: readonly {
      readonly Name?: string;
      readonly Protocol?: string;
      readonly TargetPort?: number;
      readonly PublishedPort?: number;
      readonly PublishMode?: string;
    }[];
  };
}

export interface SecretSpec {
  readonly Name?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly Data?: string;
  readonly Driver?: {
    readonly Name?: string;
    readonly Options?: Readonly<Record<string, string>>;
  };
  readonly Templating?: {
    readonly Name?: string;
    readonly Options?: Readonly<Record<string, string>>;
  };
}

export interface ConfigSpec {
  readonly Name?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly Data?: string;
  readonly Driver?: {
    readonly Name?: string;
    readonly Options?: Readonly<Record<string, string>>;
  };
  readonly Templating?: {
    readonly Name?: string;
    readonly Options?: Readonly<Record<string, string>>;
  };
}

export interface NamespaceConnect {
  readonly Namespace?: string;
  readonly Name?: string;
  readonly EndpointConfig?: {
    readonly IPAMConfig?: {
      readonly IPv4Address?: string;
      readonly IPv6Address?: string;
      readonly LinkLocalIPs?: readonly string[];
    };
    readonly Links?: readonly string[];
    readonly Aliases?: readonly string[];
    readonly MacAddress?: string;
    readonly DriverOpts?: Readonly<Record<string, string>>;
    readonly GwPriority?: number;
  };
}

export interface NamespaceDisconnect {
  readonly Namespace?: string;
  readonly Name?: string;
}

export interface PageOpen {
  readonly Port?: number;
  readonly Write?: boolean;
}

export interface PortsAdd {
  readonly PortBindings?: Readonly<Record<string, readonly {
    readonly HostIp?: string;
    readonly HostPort?: string;
  }[]>>;
  readonly Policy?: string;
}

export interface PortsRemove {
  readonly Ports?: readonly string[];
}

export interface RateChange {
  readonly Container?: string;
  readonly Egress?: string;
  readonly Ingress?: string;
}

export interface PolicyApply {
  readonly Document?: string;
}

export interface PolicyTest {
  readonly From?: string;
  readonly To?: string;
  readonly Port?: number;
  readonly Protocol?: string;
}
