/** Where Seaway asks otherwise than Docker, and why. */

interface Reason {
  /** The command that it is about. */
  readonly command: string;
  /** Calls of Docker that Seaway leaves out, in the order in which they come. */
  readonly without: readonly string[];
  readonly why: string;
}

const askedOnce = 'what a driver tells of an endpoint is kept, not asked again at each look at its container';

const reasons: readonly Reason[] = [
  {
    command: 'docker network connect --ip 10.44.9.9 mine three\n  !',
    without: ['NetworkDriver.EndpointOperInfo'],
    why: askedOnce,
  },
  {
    command: 'docker network connect given seven',
    without: ['NetworkDriver.EndpointOperInfo', 'NetworkDriver.EndpointOperInfo'],
    why: askedOnce,
  },
  {
    command: 'docker network disconnect given seven',
    without: ['NetworkDriver.EndpointOperInfo'],
    why: askedOnce,
  },
];

/** Docker's calls, without those that have a reason. Throws where a reason has become none. */
export function expectedOf(docker: string): string {
  let expected = docker;
  for (const { command, without, why } of reasons) {
    const at = expected.indexOf(command);
    const end = expected.indexOf('\ndocker ', at + 1);
    const part = expected.slice(at, end);
    let left = part;
    for (const method of without) left = left.replace(new RegExp(`\n  ${method} .*`), '');
    if (at < 0 || left === part) throw new Error(`no longer so: ${why}`);
    expected = expected.slice(0, at) + left + expected.slice(end);
  }
  return expected;
}
