/**
 * Ring 2: the page that tells users where Seaway differs from Docker is made of the reasons that the
 * comparison with a real Docker accepts (test/system/side-by-side.test.ts). UPDATE_GOLDEN=1 rewrites it.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { daemons } from '../system/side-by-side/daemons.ts';
import type { Reason } from '../system/side-by-side/reason.ts';
import { reasons } from '../system/side-by-side/reasons.ts';
import { endings, refusals } from '../system/side-by-side/refusals.ts';
import { networkCombinations } from '../system/side-by-side/table.ts';

const file = new URL('../../docs/differences.md', import.meta.url);

const section = ({ what, why }: Reason): string => `**${what}.** ${why}\n`;

const commands = [...networkCombinations, ...daemons, ...refusals, ...endings].flatMap(
  (each) => each.commands,
);

const page = [
  '# Where networks differ from Docker',
  `A test asks Seaway and a real Docker 28.5 for the same, ${commands.length} commands in ${networkCombinations.length} combinations, ${daemons.length} ways
to start the daemon and ${refusals.length + endings.length} lists of refusals. It compares what is then seen: the answers,
\`docker network inspect\`, \`NetworkSettings\`, \`ip -d link\`, addresses, routes, sysctls, \`/etc/hosts\`,
\`/etc/hostname\`, \`/etc/resolv.conf\`, and the bridges on the host. These are all the differences that it accepts,
with their reasons; any other fails it. This page is generated:
\`UPDATE_GOLDEN=1 vitest run test/golden/differences.test.ts\`.`,
  ...reasons.filter(({ beside }) => beside !== 'older').map(section),
]
  .map((part) => `${part.trimEnd()}\n`)
  .join('\n');

it('the page for users tells the reasons', () => {
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, page);
  expect(existsSync(file) ? readFileSync(file, 'utf8') : '').toBe(page);
});

it('no two reasons are the same', () => {
  expect(new Set(reasons.map(({ what }) => what)).size).toBe(reasons.length);
});
