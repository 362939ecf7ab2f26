/**
 * Ring 2: references for users, generated from the code that they describe. UPDATE_GOLDEN=1 writes them; a page that
 * differs fails.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { seawayRoutes } from '../../src/api/routes/seaway.ts';
import { settings } from '../../src/config/settings.ts';
import type { Kind } from '../../src/flags/kinds.ts';
import { clientRequests } from './references/client-requests.ts';
import { configurationPage, formOf, forms } from './references/configuration.ts';
import { errorsPage } from './references/errors.ts';
import { descriptions, keyOf, seawayApiPage } from './references/seaway-api.ts';

it.each([
  ['docs/configuration.md', configurationPage],
  ['docs/api.md', seawayApiPage],
  ['docs/errors.md', errorsPage],
  ['packages/client/src/requests.ts', clientRequests],
])('%s says what the code has', async (name, page) => {
  const file = new URL(`../../${name}`, import.meta.url);
  const text = await page();
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, text);
  expect(existsSync(file) ? readFileSync(file, 'utf8') : '').toBe(text);
});

it('every form of a setting is shown, and means the same on the command line and in the file', () => {
  const shown = new Set<string>();
  for (const setting of Object.values(settings)) {
    const form = forms[formOf(setting)];
    expect(form, `--${setting.flag} has the form "${formOf(setting)}"`).toBeDefined();
    shown.add(formOf(setting));
    // a list whose items are checked has another example in each place
    if (!form || formOf(setting) === 'list') continue;
    const kind = setting.kind as Kind<unknown>;
    expect(kind.parse(form.text, undefined)).toEqual(kind.read(form.json, setting.key));
  }
  expect([...shown].sort()).toEqual(Object.keys(forms).sort());
});

it('every route of the engine is described', () => {
  expect(seawayRoutes.map(keyOf).sort()).toEqual(Object.keys(descriptions).sort());
});
