import { describe, expect, it } from 'vitest';
import { type Asking, absent } from './asking.ts';

export function pluginCases(ask: Asking): void {
  describe('plugins', () => {
    it('are none where none was installed', async () => {
      expect(await ask('GET', '/plugins')).toMatchObject({ status: 200, json: [] });
    });

    it.each([
      ['GET', '/json'],
      ['POST', '/enable?timeout=0'],
      ['POST', '/disable'],
      ['DELETE', ''],
    ])('that are not there are missing: %s %s', async (method, what) => {
      expect(await ask(method, `/plugins/${absent}${what}`)).toMatchObject({
        status: 404,
        message: `plugin "${absent}" not found`,
      });
    });
  });
}
