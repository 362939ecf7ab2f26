/** What every version of the API shows of the same things. */
import { peerApi } from '../docker-peer.ts';
import { type Row, same } from './row.ts';

const [oldest, newest] = [24, Number(peerApi.split('.')[1])];

/** Version numbers as they stand in paths, without the `/v`. */
export const versions = Array.from({ length: newest - oldest + 1 }, (_, at) => `1.${oldest + at}`);

const paths = [
  'version',
  'info',
  'system/df',
  'networks',
  'networks/surf',
  'volumes',
  'volumes/data',
  'images/json',
  'images/busybox/json',
  'images/busybox/history',
  'containers/json?all=1&size=1',
  'containers/web/json?size=1',
  'containers/done/json',
  'containers/fresh/json',
  'containers/web/top',
  'containers/web/stats?stream=0&one-shot=1',
  'containers/web/logs?stdout=1',
];

export const versionRows: readonly Row[] = versions.flatMap((version) =>
  paths.map((path) => same(`GET /v${version}/${path}`)),
);
