/**
 * Run in a network namespace: asks for /hostname at each of the addresses in turn, on a new connection each time, and writes a line per
 * request. `asker.ts PER-SECOND IP:PORT...`
 */
import { connect } from 'node:net';

const [rate = '10', ...places] = process.argv.slice(2);
const patience = 5_000;
/** Ports are chosen here, so that a flow can be found by its port whatever comes of it. */
const [firstPort, lastPort] = [20_000, 30_000];
let turn = 0;

function ask(place: string, localPort: number): void {
  const [at, begun] = [Date.now(), performance.now()];
  const [host, port] = place.split(':');
  const socket = connect({ host: host ?? '', port: Number(port), localPort, timeout: patience });
  let [said, state] = ['', 'connecting'];
  const over = (error?: string): void => {
    if (state === 'over') return;
    state = 'over';
    socket.destroy();
    const task = /\r\n\r\n([0-9a-f]{12})/.exec(said)?.[1];
    const why = error ?? (task === undefined ? 'no page' : undefined);
    const took = Math.round(performance.now() - begun);
    process.stdout.write(`${JSON.stringify({ at, place, localPort, took, task, error: why })}\n`);
  };
  socket.once('connect', () => {
    state = 'asking';
    socket.write('GET /hostname HTTP/1.0\r\n\r\n');
  });
  socket.on('data', (data: Buffer) => {
    said += data.toString();
  });
  socket.once('end', () => over());
  socket.once('timeout', () => over(`no answer while ${state}`));
  socket.once('error', (error: NodeJS.ErrnoException) => over(`${error.code} while ${state}`));
}

setInterval(() => {
  const place = places[turn % places.length];
  const localPort = firstPort + (turn % (lastPort - firstPort));
  turn += 1;
  if (place !== undefined) ask(place, localPort);
}, 1000 / Number(rate));
process.stdout.write('begun\n');
