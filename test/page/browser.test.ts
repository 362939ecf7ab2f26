/**
 * The page in Debian's Chromium (`/usr/bin/chromium`, or SEAWAY_CHROMIUM). `SEAWAY_PAGE_PICTURES=FOLDER` keeps what it
 * looked like.
 */
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { buildPage } from '../../scripts/build-page.ts';
import { cityOf } from './city.ts';
import { openBrowser, program, type Served, serve, watch } from './rig.ts';

const pictures = process.env.SEAWAY_PAGE_PICTURES ?? '';
const desktop = { width: 1400, height: 860 };
const phone = { width: 390, height: 780 };

let browser: Browser;
let served: Served;
let page: Page;
let seen: ReturnType<typeof watch>;

beforeAll(async () => {
  await buildPage();
  if (program !== '') browser = await openBrowser();
});
afterAll(() => browser?.close());
afterEach(async () => {
  expect(seen).toEqual({ problems: [], elsewhere: [] });
  await page.close();
  await served.close();
});

interface Looking {
  readonly size?: typeof desktop;
  readonly theme?: 'light' | 'dark';
  readonly write?: boolean;
}

async function look(
  count: number,
  { size = desktop, theme = 'light', write = false }: Looking = {},
): Promise<void> {
  served = await serve(count);
  const link = await served.link({ write });
  page = await browser.newPage({ viewport: size, colorScheme: theme });
  seen = watch(page, link);
  await page.goto(link);
  await page.waitForSelector('.host');
}

const picture = async (name: string): Promise<void> => {
  if (pictures !== '') await page.screenshot({ path: `${pictures}/${name}.png` });
};

/** Rules of axe-core that what is drawn breaks, with the first place of each. */
async function violations(): Promise<readonly string[]> {
  // the policy of the page lets no script in but its own: the test goes past it
  await page.evaluate(axe.source);
  const found = (await page.evaluate('axe.run()')) as axe.AxeResults;
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}

const tile = (name: string): string => `.tile:has(.name:text-is("${name}"))`;
const tab = (name: string): string => `.tabs button:has-text("${name}")`;

describe.skipIf(program === '')(program === '' ? 'no chromium is installed' : 'in Chromium', () => {
  // with 40 there is every kind of tile
  for (const count of [0, 3, 40, 200])
    for (const theme of ['light', 'dark'] as const)
      for (const size of [desktop, phone])
        test(`${count} containers, ${theme}, ${size.width} pixels wide: drawn, readable by all`, async () => {
          await look(count, { theme, size });
          const places = cityOf(count).map.containers.flatMap(({ networks }) => networks);
          expect(await page.locator('.tile').count()).toBe(places.length);
          const { width } = (await page.locator('body').boundingBox()) ?? { width: 0 };
          expect(width).toBe(size.width);
          await page.waitForSelector('.status.live');
          // of 200 it takes axe-core minutes on a machine that does other work
          if (count < 200) expect(await violations()).toEqual([]);
          await picture(`map-${count}-${theme}-${size.width}`);
        });

  test('a change is drawn within a second', async () => {
    await look(3);
    const began = performance.now();
    served.become(200);
    await page.waitForFunction('document.querySelectorAll(".tile").length > 200');
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  test('what is clicked is told: addresses, ports, rules with reasons', async () => {
    await look(3);
    await page.click(tile('web'));
    const panel = page.locator('.panel');
    await expect.poll(() => panel.textContent()).toContain('172.18.0.2/16');
    await page.click('text=Show them, with their reasons');
    await expect.poll(() => panel.textContent()).toContain('leads to port 80 of 172.18.0.2');
    expect(await page.locator('.item[aria-current]').textContent()).toContain('web');
    expect(await violations()).toEqual([]);
    await picture('details');
    await page.click('.head:has-text("back")');
    await expect.poll(() => panel.textContent()).toContain('bridge, internal');
  });

  test('two things are chosen, and explained', async () => {
    await look(3);
    await page.click(tab('Explain'));
    await page.click(tile('web'));
    await page.click(`${tile('worker')}`);
    await page.waitForSelector('.verdict');
    expect(await page.locator('.question input').first().inputValue()).toBe('web');
    expect(await page.locator('.tile.end').count()).toBeGreaterThan(1);
    expect(await violations()).toEqual([]);
    await picture('explain');
  });

  test('keys alone go through the list, and choose', async () => {
    await look(3);
    await page.focus('.item');
    for (const key of ['ArrowDown', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
    expect(await page.locator('.panel h2').textContent()).toContain('api');
    await page.keyboard.press('End');
    expect(await page.evaluate('document.activeElement.textContent')).toContain('bridge');
  });

  test('a search leaves what is called so, the themes are chosen, troubles and events are told', async () => {
    await look(200);
    await page.fill('input[type=search]', 'shop-web');
    await expect.poll(() => page.locator('.tile').count()).toBeLessThan(12);
    await page.fill('input[type=search]', '');
    await page.selectOption('.theme select', 'dark');
    expect(await page.getAttribute('html', 'data-theme')).toBe('dark');
    served.engine.events.emit({
      type: 'container',
      action: 'die',
      id: 'x',
      attributes: { name: 'gone', exitCode: '3' },
    });
    await page.click(tab('Events'));
    await expect.poll(() => page.locator('.events').textContent()).toContain('die gone (3)');
    await page.click(tab('Troubles'));
    expect(await page.locator('.troubles li').count()).toBeGreaterThan(5);
    await page.click('text=Examine');
    await expect.poll(() => page.locator('.panel').textContent()).toContain('Nothing is wrong');
    expect(await violations()).toEqual([]);
  });

  test('a page that reads has no buttons that change something, one that writes does', async () => {
    await look(3);
    await page.click(tile('web'));
    await page.waitForSelector('text=What does it reach?');
    expect(await page.locator('text=restart').count()).toBe(0);
    await page.goto('about:blank');
    await page.goto(await served.link({ write: true }));
    await page.waitForSelector('.write');
    await page.click(tile('web'));
    await page.click('button:text-is("restart")');
    // the engine of plain records has no such container
    await expect.poll(() => page.locator('.part .problem').textContent()).toContain('No such container');
    seen.problems.splice(0);
  });

  test('without a token, and when the link has ended, it says what to do', async () => {
    await look(3);
    await served.close();
    await expect.poll(() => page.locator('.status').textContent()).toContain('trying again');
    seen.problems.splice(0);
    served = await serve(3);
    const link = await served.link();
    const other = await browser.newPage();
    await other.goto(link.replace(/#.*/, ''));
    expect(await other.textContent('main')).toContain('seaway ui');
    await other.goto('about:blank');
    await other.goto(`${link.replace(/#.*/, '')}#${'A'.repeat(43)}`);
    await expect.poll(() => other.textContent('main')).toContain('this link has ended');
    await other.close();
    await page.goto('about:blank');
    seen.problems.splice(0);
  });
});
