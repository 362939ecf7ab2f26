/** Published ports as the API lists them. */

export interface PublishedPorts {
  readonly Container: string;
  readonly Name: string;
  readonly Ports: readonly {
    /** `80/tcp`, `8000-8009/udp` */
    readonly Port: string;
    /** `0.0.0.0:8080`; as it was asked for where it is not published. */
    readonly Host: string;
    readonly State: string;
  }[];
}

export interface PortLine {
  readonly Container: string;
  readonly Port: string;
  readonly Host: string;
  readonly State: string;
}
