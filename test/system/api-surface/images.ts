/** `/images` and `/commit`. */
import { blamed, filtered, json, type Row, refused, refusedAsNewer, same, version } from './row.ts';

const images = `${version}/images`;
const capitals = 'invalid reference format: repository name (library/BAD) must be lowercase';

export const imageRows: readonly Row[] = [
  same(`GET ${images}/json?all=1&digests=1`),
  ...[
    { reference: ['busy*'] },
    { reference: ['nope'] },
    { dangling: ['true'] },
    { label: ['x'] },
    { since: ['busybox'] },
  ].map((filter) => same(`GET ${images}/json${filtered(filter)}`)),
  same(`GET ${images}/docker.io/library/busybox:latest/json`),
  same(`GET ${images}/busybox/history`),
  same(`GET ${images}/busybox/get`),
  same(`GET ${images}/get?names=busybox&names=busybox:latest`),
  same(`POST ${images}/busybox/tag?repo=team/app&tag=v1`, 201),
  same(`GET ${images}/team/app:v1/json`),
  same(`DELETE ${images}/team/app:v1`),
  same(`POST ${images}/prune${filtered({ label: ['no=such'] })}`),
  refusedAsNewer(`GET ${images}/a/b/c:d/json`, 404, 'No such image: a/b/c:d'),
  refused(`GET ${images}/nope/history`, 404, 'No such image: nope:latest'),
  refused(`DELETE ${images}/%20`, 400, 'image name cannot be blank'),
  refused(`DELETE ${images}/nope`, 404, 'No such image: nope:latest'),
  refused(`POST ${images}/nope/tag?repo=x`, 404, 'No such image: nope:latest'),
  refusedAsNewer(`POST ${images}/busybox/tag?repo=BAD`, 400, capitals),
  refusedAsNewer(`POST ${images}/create?fromImage=BAD`, 400, capitals),
  blamed(`POST ${images}/busybox/tag`, 'invalid reference format'),
  refused(`POST ${version}/commit?container=nope`, 404, 'No such container: nope', json({})),
];
