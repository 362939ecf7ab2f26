import { expect, it } from 'vitest';
import { platformIn } from './distribution.ts';

const platform = (text: string) => platformIn(Buffer.from(text));

it('the platform of an image is that of its configuration, as far as that names one', () => {
  expect(platform('{"architecture":"arm","os":"linux","variant":"v7"}')).toEqual([
    { architecture: 'arm', os: 'linux', variant: 'v7' },
  ]);
  expect(platform('{"os":"linux","variant":7}')).toEqual([{ architecture: '', os: 'linux' }]);
  expect(platform('{}')).toEqual([]);
});

it('a configuration of a registry that is none is refused', () => {
  for (const text of ['null', '[]', 'so'])
    expect(() => platform(text)).toThrow('invalid image configuration');
});
