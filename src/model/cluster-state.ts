/** How far this host knows the cluster's store. One record, so that it is written with what was read. */
export interface ClusterState {
  readonly id: 'state';
  /** Of the state that was read; '' where there was none. */
  readonly epoch: string;
  /** Every change up to it is on record here. */
  readonly revision: number;
}
