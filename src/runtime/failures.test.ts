import { describe, expect, it } from 'vitest';
import { createFailure, execFailure, exitCodeOfFailure, sentenceOf } from './failures.ts';

const logged = (message: string): string =>
  `time="2026-01-02T03:04:05Z" level=error msg=${JSON.stringify(message)}\n`;
const notFound =
  'runc create failed: unable to start container process: exec: "nope": executable file not found in $PATH';

describe('failures of the OCI runtime', () => {
  it('are the last error that it logged, or what it printed', () => {
    expect(sentenceOf(`time="x" level=warning msg="careful"\n${logged('first')}${logged(notFound)}`)).toBe(
      notFound,
    );
    expect(sentenceOf('plain words\n')).toBe('plain words');
    expect(sentenceOf('level=fatal msg=EOF')).toBe('EOF');
  });

  it('are said as dockerd says them', () => {
    expect(createFailure(logged(notFound))).toMatchObject({
      code: 'COMMAND_NOT_FOUND',
      message: `failed to create task for container: failed to create shim task: OCI runtime create failed: ${notFound}: unknown`,
    });
    expect(execFailure(logged('exec failed: x: permission denied'))).toMatchObject({
      code: 'COMMAND_NOT_FOUND',
      message: 'OCI runtime exec failed: exec failed: x: permission denied: unknown',
    });
    expect(createFailure('no space left on device')).toMatchObject({ code: 'START_FAILED', status: 500 });
  });

  it.each([
    ['exec: "x": executable file not found in $PATH', 127],
    ['exec: "/x": stat /x: no such file or directory', 127],
    ['exec: "/etc/passwd": permission denied', 126],
    ['exec: "/tmp": is a directory', 126],
    ['no space left on device', 128],
  ])('%s: exit code %i', (message, code) => expect(exitCodeOfFailure(message)).toBe(code));
});
