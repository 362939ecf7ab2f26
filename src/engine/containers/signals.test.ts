import { describe, expect, it } from 'vitest';
import { signalNumber } from './signals.ts';

describe('signalNumber', () => {
  it.each([
    ['KILL', 9],
    ['SIGKILL', 9],
    ['sigterm', 15],
    ['term', 15],
    ['9', 9],
    ['1', 1],
    ['64', 64],
    ['USR1', 10],
    ['WINCH', 28],
    ['STKFLT', 16],
    ['PWR', 30],
    ['RTMIN', 34],
    ['SIGRTMIN+3', 37],
    ['rtmin+30', 64],
    ['RTMAX', 64],
    ['RTMAX-1', 63],
    ['RTMAX-30', 34],
  ])('reads %s as %i', (asked, expected) => {
    expect(signalNumber(asked)).toBe(expected);
  });

  // the numbers of signal(7) on x86 and arm, whatever other names Node has for them
  it.each(
    'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'
      .split(' ')
      .map((name, index) => [name, index + 1] as const),
  )('knows SIG%s', (name, expected) => {
    expect(signalNumber(name)).toBe(expected);
  });

  it.each([
    '0',
    '65',
    '-9',
    '1.5',
    '',
    'SIG',
    'NOSUCH',
    'KILL9',
    'SIGSIGKILL',
    'RTMIN-1',
    'RTMIN+31',
    'RTMAX+1',
    'RTMAX-31',
    'RTMIN+',
    'RTMID',
    'toString',
    '__proto__',
  ])('refuses "%s"', (asked) => {
    expect(() => signalNumber(asked)).toThrow(`invalid signal: ${asked}`);
  });
});
