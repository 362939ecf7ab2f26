import { describe, expect, it } from 'vitest';
import { countingGenerators, world } from '../../test/model/fixture.ts';
import { randomName } from './random-name.ts';

describe('randomName', () => {
  it('is an adjective and a noun, each drawn from all of its list', () => {
    const { model } = world();
    const asked: number[] = [];
    const last = {
      ...countingGenerators(),
      below: (limit: number) => {
        asked.push(limit);
        return limit - 1;
      },
    };
    expect(randomName(model, countingGenerators())).toBe('agile_albatross');
    expect(randomName(model, last)).toBe('zesty_yawl');
    expect(asked.every((limit) => limit > 60)).toBe(true);
  });

  it('is drawn again where a container has it', () => {
    const { model, container } = world();
    container('agile_albatross');
    const draws = [0, 0, 0, 1];
    const generate = { ...countingGenerators(), below: () => draws.shift() ?? 0 };
    expect(randomName(model, generate)).toBe('agile_anchor');
  });

  it('gets a number when chance finds no free one five times', () => {
    const { model, container } = world();
    container('agile_albatross');
    const limits: number[] = [];
    const generate = { ...countingGenerators(), below: (limit: number) => limits.push(limit) && 0 };
    expect(randomName(model, generate)).toBe('agile_albatross0');
    const [words, others] = limits;
    expect(limits).toEqual([...Array(6).fill([words, others]).flat(), 1000]);
  });

  it('is well formed whatever is drawn', () => {
    const { model } = world();
    for (let draw = 0; draw < 150; draw++) {
      const generate = { ...countingGenerators(), below: (limit: number) => draw % limit };
      expect(randomName(model, generate)).toMatch(/^[a-z]+_[a-z]+$/);
    }
  });
});
