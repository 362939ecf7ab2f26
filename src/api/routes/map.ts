/** `/seaway/map`: the network as one picture, its traffic, the rules of a part of it; and the page that draws it. */
import { fail } from '../../errors.ts';
import { presentMap, presentRule, presentTraffic } from '../presenters/map.ts';
import { type Answer, type Call, created, json, post, type Route, route, taken } from '../route.ts';
import { pageOpen } from '../schemas/seaway.ts';
import { begin, endWithClient } from '../streaming.ts';

/** A picture takes at most a tenth of the time, however large the network is. */
const restFor = 9;

/** Once, or with `follow` a line for each change. A client that is slow misses some, never the last. */
function map({ engine, query, response }: Call): Answer {
  if (!query.flag('follow')) return json(presentMap(engine.map.picture()));
  begin(response, 'application/json');
  endWithClient(response);
  let last = '';
  const { due, end } = paced(
    () => {
      const line = `${JSON.stringify(presentMap(engine.map.picture()))}\n`;
      if (line !== last) response.write(line);
      last = line;
    },
    () => !response.writableNeedDrain,
  );
  due();
  const stop = engine.map.follow(due);
  response.on('drain', due);
  response.once('close', () => {
    stop();
    end();
  });
  return taken;
}

/** Does the task when it is due and may be done, and then rests in proportion to what it took. */
function paced(
  task: () => void,
  mayDo: () => boolean,
): { readonly due: () => void; readonly end: () => void } {
  let isDue = false;
  let resting: NodeJS.Timeout | undefined;
  const due = (): void => {
    isDue = true;
    if (resting || !mayDo()) return;
    isDue = false;
    const began = performance.now();
    task();
    const rest = restFor * (performance.now() - began);
    resting = setTimeout(() => {
      resting = undefined;
      if (isDue) due();
    }, rest);
  };
  return { due, end: () => clearTimeout(resting) };
}

function rules({ engine, query }: Call): Answer {
  const [network, container] = [query.text('network'), query.text('container')];
  if ((network === '') === (container === ''))
    throw fail('BAD_REQUEST', 'either a network or a container must be given');
  const found =
    network === '' ? engine.map.rules('container', container) : engine.map.rules('network', network);
  return json(found.map(presentRule));
}

export const mapRoutes: readonly Route[] = [
  { ...route('GET', '/seaway/map', map), isTelling: true, isUntraced: true },
  {
    ...route('GET', '/seaway/map/traffic', async ({ engine }) =>
      json(presentTraffic(await engine.map.traffic())),
    ),
    isUntraced: true,
  },
  route('GET', '/seaway/map/rules', rules),
  post('/seaway/page', pageOpen, async ({ server, body: { Port: port = 0, Write: isWriting = false } }) => {
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw fail('BAD_REQUEST', `invalid port: ${port}`);
    const { address, token } = await server.openPage({ port, isWriting });
    return created({ Url: `http://${address}/#${token}`, Write: isWriting });
  }),
];
