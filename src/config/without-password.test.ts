import { expect, test } from 'vitest';
import { withoutPassword } from './without-password.ts';

test.each([
  ['http://user:secret@proxy:3128/x', 'http://xxxxx:xxxxx@proxy:3128/x'],
  ['https://user@proxy', 'https://xxxxx:xxxxx@proxy'],
  ['socks5://a:b@c@proxy', 'socks5://xxxxx:xxxxx@proxy'],
  ['http://proxy:3128/@x', 'http://proxy:3128/@x'],
  ['localhost,.example', 'localhost,.example'],
  ['', ''],
])('%s is shown as %s', (url, shown) => {
  expect(withoutPassword(url)).toBe(shown);
});
