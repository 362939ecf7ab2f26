import { defineConfig } from 'vitest/config';

// What set-up has unpacked for the tests, after what the machine has (scripts/test-tools.sh).
const env = { PATH: `${process.env.PATH}:${import.meta.dirname}/.cache/test-tools/launchers` };

// Rings 1 and 2 are pure and run anywhere; rings 3 and 4 need root and clean up after themselves.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'pure',
          include: ['{src,packages,test/golden,test/contract}/**/*.test.ts', 'test/page/drawing.test.ts'],
          // properties over many samples, on a machine that does other work too
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'kernel',
          env,
          include: ['test/kernel/**/*.test.ts'],
          pool: 'forks',
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      // in a browser: `npm run test:page`
      {
        test: {
          name: 'page',
          include: ['test/page/browser.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'system',
          env,
          include: ['test/system/**/*.test.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
