import { expect, it } from 'vitest';
import { dialText, isRefusal } from './failure.ts';

const failed = (code: string, message: string): Error => Object.assign(new Error(message), { code });

it.each([
  [
    failed('ECONNREFUSED', 'connect ECONNREFUSED'),
    'dial tcp 192.0.2.1:1: connect: connection refused',
    false,
  ],
  [failed('ENOTFOUND', 'getaddrinfo ENOTFOUND x'), 'dial tcp 192.0.2.1:1: no such host', false],
  [
    new AggregateError([failed('EHOSTUNREACH', '')]),
    'dial tcp 192.0.2.1:1: connect: no route to host',
    false,
  ],
  [
    new Error('[unavailable] x', { cause: failed('ECONNRESET', '') }),
    'dial tcp 192.0.2.1:1: connection reset by peer',
    false,
  ],
  [
    failed(
      'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
      '40:error:0A000418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca:../deps/x.c:918:SSL alert number 48\n',
    ),
    'dial tcp 192.0.2.1:1: tls: tlsv1 alert unknown ca',
    true,
  ],
  [
    failed(
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'unable to verify the first certificate; if the root CA is installed, try x',
    ),
    'dial tcp 192.0.2.1:1: unable to verify the first certificate',
    true,
  ],
  [
    new Error('[canceled] http/2 stream closed with error code CANCEL (0x8)'),
    'dial tcp 192.0.2.1:1: connection closed by the server',
    false,
  ],
  [new Error('[internal] HTTP 400'), 'dial tcp 192.0.2.1:1: HTTP 400', false],
])('%s', (thrown, text, refused) => {
  expect(dialText({ host: '192.0.2.1', port: 1 }, thrown)).toBe(text);
  expect(isRefusal(thrown)).toBe(refused);
});

it('writes an address of IPv6 in brackets', () => {
  expect(dialText({ host: '2001:db8::1', port: 2379 }, failed('ETIMEDOUT', ''))).toBe(
    'dial tcp [2001:db8::1]:2379: i/o timeout',
  );
});
