/** The routes of the picture of the network, and of the page, for docs/api.md. */
import { pageOpen } from '../../../src/api/schemas/seaway.ts';
import type { Description } from './description.ts';

export const mapDescriptions: Readonly<Record<string, Description>> = {
  'GET /seaway/map': {
    what: `The whole network in one answer, as the page draws it ([page](page.md)). \`Endpoints\` are places on networks: \`Kind\` is
\`container\`, \`namespace\`, or \`peer\` for one of another host. \`Links\` are those of the host that the engine did not make. \`Joined\`: the
container whose namespace it is in. \`Networks\` of a container are ids, whether it runs or not. \`Troubles\`: what does not hold, and why;
\`Kind\` and \`Id\` say of what, \`host\` for none of them. \`follow=1\`: lines of JSON, the picture now and after each change, within
a second. A client that reads slowly misses some, never the last.`,
    errors: [],
  },
  'GET /seaway/map/traffic': {
    what: `Counters, read from the kernel by this call: bytes received and sent, packets received and sent, packets dropped. \`At\` is in
milliseconds of a clock that never goes back, so that rates can be made of two answers. \`Endpoints\` by id, as the container sees
them; \`Networks\` by id, their links as the host sees them; \`Links\` of the host by name. \`DNS\`: what the resolver has counted,
\`null\` where it does not answer.`,
    errors: [],
  },
  'GET /seaway/map/rules': {
    what: `The firewall's rules that name a network or a container (\`?network=app\`, \`?container=web\`), each with its reason; with the backend
nftables also elements of its sets. They are what the records want; [compare](#get-seawaycompare) tells whether the kernel has them.`,
    errors: ['BAD_REQUEST', 'NETWORK_NOT_FOUND', 'CONTAINER_NOT_FOUND'],
  },
  'POST /seaway/page': {
    what: `Makes a link to the page that draws the network, on 127.0.0.1 of the engine's host: \`Port\`, or any with 0. With \`Write\` the page
may change things. The link ends when it has not been used for ten minutes, and the port is closed with the last one.`,
    body: pageOpen,
    example: { Port: 0, Write: false },
    errors: ['BAD_REQUEST', 'PAGE_PORT', 'PAGE_NOT_BUILT'],
  },
};
