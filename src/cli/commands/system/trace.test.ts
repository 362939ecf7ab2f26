import { expect, it } from 'vitest';
import { showTrace } from './trace-text.ts';

const span = {
  Kind: 'stage',
  Name: 'x',
  Fields: {},
  Start: 0,
  Milliseconds: 1,
  Error: '',
  Notes: [],
  Spans: [],
};

it('a trace is a line per span and note, in the order in which they began', () => {
  const converge = {
    ...span,
    Kind: 'converge',
    Name: `network:${'1f'.repeat(32)}`,
    Start: 5,
    Milliseconds: null,
  };
  const trace = {
    ...{ ...span, Number: 7, Time: '2026-11-30T17:00:00.000000001Z', Left: 2 },
    ...{ Kind: 'request', Name: 'POST /networks/create', Fields: { status: '500' }, Milliseconds: 12.345 },
    Error: 'it broke',
    Notes: [{ At: 2, Text: 'pool', Fields: { subnet: '172.18.0.0/16', why: 'asked for' } }],
    Spans: [
      { ...converge, Notes: [{ At: 6, Text: 'act=make kind=link', Fields: {} }] },
      { ...span, Start: 1 },
    ],
  };
  expect(
    showTrace(trace),
  ).toBe(`2026-11-30T17:00:00.000000001Z POST /networks/create status=500  12.3 ms  error="it broke"
  x  1.0 ms
  pool subnet=172.18.0.0/16 why="asked for"
  converge network:1f1f1f1f1f1f  goes on
    act=make kind=link
  and 2 more
`);
});
