import { expect, it } from 'vitest';
import { Tally } from './tally.ts';

const answerOf = (code: number): Buffer => Buffer.from([0, 1, 0x81, 0x80 | code, 0, 1]);

it('questions are counted by transport, answers by who had them and by code, and times of other servers', () => {
  const tally = new Tally();
  for (const transport of ['udp', 'udp', 'tcp'] as const) tally.asked(transport);
  for (const code of [0, 0, 3]) tally.answered('itself', answerOf(code));
  tally.answered('nobody', answerOf(9));
  tally.forwarded(3);
  tally.unanswered();
  const { questions, answers, times, unanswered } = tally.counts();
  expect(questions).toEqual({ udp: 2, tcp: 1 });
  expect(answers).toEqual([
    { by: 'itself', code: 'NOERROR', count: 2 },
    { by: 'itself', code: 'NXDOMAIN', count: 1 },
    { by: 'nobody', code: '9', count: 1 },
  ]);
  expect([times.sum, times.counts[2], unanswered]).toEqual([0.003, 1, 1]);
});
