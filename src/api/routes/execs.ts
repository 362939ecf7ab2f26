/** `/exec` and `/containers/{id}/exec`; starting one is among the hijacked routes. */
import { fail } from '../../errors.ts';
import { parseDetachKeys } from '../hijack/detach-keys.ts';
import { presentExec } from '../presenters/exec.ts';
import { created, empty, json, param, post, type Route, route } from '../route.ts';
import { execCreate } from '../schemas/containers.ts';
import { consoleSize, terminalSize } from '../terminal-size.ts';

export const execRoutes: readonly Route[] = [
  post('/containers/:id/exec', execCreate, async (call) => {
    const { body } = call;
    const args = body.Cmd ?? [];
    const size = consoleSize(body.ConsoleSize, call.version);
    if (args.length === 0) throw fail('BAD_REQUEST', 'No exec command specified');
    const id = await call.engine.execs.create(param(call, 'id'), {
      args,
      env: body.Env ?? [],
      cwd: body.WorkingDir ?? '',
      user: body.User ?? '',
      tty: body.Tty ?? false,
      stdin: body.AttachStdin ?? false,
      stdout: body.AttachStdout ?? false,
      stderr: body.AttachStderr ?? false,
      privileged: body.Privileged ?? false,
      detachKeys: parseDetachKeys(body.DetachKeys ?? ''),
      ...(size && { size }),
    });
    return created({ Id: id });
  }),
  route('GET', '/exec/:id/json', (call) => json(presentExec(call.engine.execs.get(param(call, 'id'))))),
  route('POST', '/exec/:id/resize', async (call) => {
    await call.engine.execs.resize(param(call, 'id'), terminalSize(call.query));
    return empty(200);
  }),
];
