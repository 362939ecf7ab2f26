export interface Volume {
  readonly name: string;
  readonly driver: string;
  readonly created: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  readonly mountpoint: string;
  /** Made by a container without a name; `docker rm -v` takes it along. */
  readonly anonymous: boolean;
}
