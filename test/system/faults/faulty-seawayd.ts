/** `seawayd` whose doors may fail: linked by `link.ts`, armed by a file at its start and by a socket later. */
import { readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { arm, told, watchUnhandled } from './doors.ts';
import { installNodeDoors } from './node-doors.ts';
import { type Armed, armedFile, controlSocket, folderVariable } from './point.ts';

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request.setEncoding('utf8')) text += String(piece);
  return text;
}

function listenToTest(folder: string): void {
  const path = join(folder, controlSocket);
  rmSync(path, { force: true });
  const server = createServer(async (request, answer) => {
    const text = await bodyOf(request);
    const now = JSON.stringify(told());
    if (request.method === 'POST') arm(JSON.parse(text) as readonly Armed[]);
    answer.end(now);
  });
  server.listen(path).unref();
}

const folder = process.env[folderVariable];
// the process that checks the store is started by the same command line
if (folder !== undefined && !process.argv.includes('--check-store')) {
  const armed = readFileSync(join(folder, armedFile), 'utf8');
  listenToTest(folder);
  watchUnhandled();
  await installNodeDoors();
  arm(JSON.parse(armed) as readonly Armed[]);
}
await import('../../../src/main/seawayd.ts');
