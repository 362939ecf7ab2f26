import { describe, expect, it } from 'vitest';
import { applyInstructions } from './instructions.ts';

const apply = (...changes: string[]) => applyInstructions({ Env: ['HOME=/h'] }, changes);

describe('instructions of --change', () => {
  it.each([
    ['CMD ["sh","-l"]', { Cmd: ['sh', '-l'] }],
    ['CMD echo "a  b"', { Cmd: ['/bin/sh', '-c', 'echo "a  b"'] }],
    ['cmd [not json', { Cmd: ['/bin/sh', '-c', '[not json'] }],
    ['ENTRYPOINT ["/init"]', { Entrypoint: ['/init'], Cmd: null }],
    [
      'ENV a=1 b="two words" c=\'$HOME\' d=$HOME/x',
      { Env: ['HOME=/h', 'a=1', 'b=two words', 'c=$HOME', 'd=/h/x'] },
    ],
    ['ENV old style value', { Env: ['HOME=/h', 'old=style value'] }],
    ['ENV HOME=/new', { Env: ['HOME=/new'] }],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a Dockerfile's variables
    ['ENV x=${NONE:-default} y=${HOME:+yes}', { Env: ['HOME=/h', 'x=default', 'y=yes'] }],
    [
      'EXPOSE 80 53/udp 7000-7002',
      { ExposedPorts: { '80/tcp': {}, '53/udp': {}, '7000/tcp': {}, '7001/tcp': {}, '7002/tcp': {} } },
    ],
    ['LABEL a=b "c d"="e f"', { Labels: { a: 'b', 'c d': 'e f' } }],
    ['USER 1000:1000', { User: '1000:1000' }],
    ['VOLUME ["/data", "/b"]', { Volumes: { '/data': {}, '/b': {} } }],
    ['VOLUME /data /c', { Volumes: { '/data': {}, '/c': {} } }],
    ['WORKDIR $HOME/src', { WorkingDir: '/h/src' }],
    ['STOPSIGNAL SIGINT', { StopSignal: 'SIGINT' }],
    ['ONBUILD RUN make', { OnBuild: ['RUN make'] }],
    ['HEALTHCHECK NONE', { Healthcheck: { Test: ['NONE'] } }],
    [
      'HEALTHCHECK --interval=1m30s --timeout=500ms --retries=2 CMD curl -f x',
      { Healthcheck: { Test: ['CMD-SHELL', 'curl -f x'], Interval: 90e9, Timeout: 5e8, Retries: 2 } },
    ],
    ['HEALTHCHECK CMD ["a","b"]', { Healthcheck: { Test: ['CMD', 'a', 'b'] } }],
    ['ENV a=b \\\n  c=d', { Env: ['HOME=/h', 'a=b', 'c=d'] }],
  ])('%j', (change, expected) => {
    expect(apply(change)).toEqual({ Env: ['HOME=/h'], ...expected });
  });

  it('later ones see what earlier ones set', () => {
    const config = apply('WORKDIR /a', 'WORKDIR b', 'ENV x=1', 'ENV y=$x', 'CMD ["c"]', 'ENTRYPOINT ["e"]');
    expect(config).toMatchObject({ WorkingDir: '/a/b', Cmd: ['c'], Entrypoint: ['e'] });
    expect(config.Env).toContain('y=1');
  });

  it.each([
    ['RUN make', 'RUN is not a valid change command'],
    ['SHELL ["a"]', 'SHELL is not a valid change command'],
    ['CMD', 'CMD requires at least one argument'],
    ['ENV a', 'ENV must have two arguments'],
    ['ENV =b', 'ENV names can not be blank'],
    ['ENV a=b c', "can't find = in"],
    ['LABEL a="b', 'double-quote'],
    ["LABEL a='b", 'single-quote'],
    ['EXPOSE http', 'invalid containerPort: http'],
    ['EXPOSE 80/icmp', 'invalid proto: icmp'],
    ['EXPOSE 90-80', 'invalid range'],
    ['EXPOSE 70000', 'invalid containerPort'],
    ['USER a b', 'USER requires exactly one argument'],
    ['ONBUILD FROM x', "FROM isn't allowed as an ONBUILD trigger"],
    ['HEALTHCHECK --interval=soon CMD x', 'invalid value for HEALTHCHECK --interval: soon'],
    ['HEALTHCHECK x', 'Unknown type "x" in HEALTHCHECK'],
  ])('%j is refused: %s', (change, why) => {
    expect(() => apply(change)).toThrow(why);
  });
});
