/** Published ports as the API lists them. */

export interface PortLine {
  readonly Container: string;
  readonly Port: string;
  readonly Host: string;
  readonly State: string;
}
