/** An image: its configuration, its layers, and the names that lead to it. */

export interface ImageHistory {
  readonly created: string;
  readonly createdBy: string;
  readonly comment: string;
  readonly emptyLayer: boolean;
}

/** The `config` of an OCI image, in the words of the specification. */
export interface ImageConfig {
  readonly User?: string;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  readonly Volumes?: Readonly<Record<string, object>>;
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
  readonly Shell?: readonly string[];
  readonly Healthcheck?: {
    readonly Test?: readonly string[];
    readonly Interval?: number;
    readonly Timeout?: number;
    readonly Retries?: number;
    readonly StartPeriod?: number;
    readonly StartInterval?: number;
  };
  readonly OnBuild?: readonly string[];
}

export interface Image {
  /** `sha256:...` of the configuration file. */
  readonly id: string;
  /** `repository:tag`, normalised as Docker shows them (`busybox:latest`). */
  readonly tags: readonly string[];
  /** `repository@sha256:...` */
  readonly digests: readonly string[];
  readonly parent: string;
  readonly created: string;
  readonly author: string;
  readonly comment: string;
  readonly architecture: string;
  readonly variant: string;
  readonly os: string;
  readonly config: ImageConfig;
  /** Chain ids of the unpacked layers, lowest first; each is a folder of the layer store. */
  readonly layers: readonly string[];
  /** Bytes of the files of each layer, in the order of `layers`; absent if not measured. */
  readonly layerSizes?: readonly number[];
  /** diff ids (`sha256:` of the uncompressed tar), lowest first. */
  readonly diffIds: readonly string[];
  readonly history: readonly ImageHistory[];
  /** Bytes of the unpacked files. */
  readonly size: number;
}
