import { describe, expect, it } from 'vitest';
import { pause, versionKept } from './versions.ts';

describe('the version of a program', () => {
  const asked = (answers: readonly (string | Error)[]) => {
    let clock = 0;
    let calls = 0;
    const version = versionKept(
      async () => {
        const answer = answers[calls++] ?? 'asked too often';
        if (answer instanceof Error) throw answer;
        return answer;
      },
      () => clock,
    );
    return { version, later: (by: number) => (clock += by) };
  };

  it('is asked for once, also by many at once', async () => {
    const { version, later } = asked(['1.1']);
    expect(await Promise.all([version(), version()])).toEqual(['1.1', '1.1']);
    later(pause * 10);
    expect(await version()).toBe('1.1');
  });

  it.each([
    ['nothing', ''],
    ['an error', new Error('it hangs')],
  ])('is asked for again after a pause, where %s came', async (_, answer) => {
    const { version, later } = asked([answer, '1.2']);
    expect(await version()).toBe('');
    later(pause - 1);
    expect(await version()).toBe('');
    later(1);
    expect(await version()).toBe('1.2');
    later(pause * 10);
    expect(await version()).toBe('1.2');
  });
});
