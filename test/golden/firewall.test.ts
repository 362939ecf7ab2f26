/**
 * Ring 2: scenarios in, rules out, as `iptables-save` and nft(8) would print them. What differs from
 * test/golden/firewall/* or from docs/firewall*.md fails; UPDATE_GOLDEN=1 rewrites them.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { annotateRules } from '../../src/firewall/iptables/annotate.ts';
import { tableOf } from '../../src/firewall/nftables/sets.ts';
import { annotatedParts } from '../../src/firewall/nftables/text.ts';
import { planFirewall } from '../../src/firewall/plan.ts';
import { optionScenarios } from './firewall/options.ts';
import { type Scenario, scenarios as usualScenarios } from './firewall/scenarios.ts';

const scenarios = [...usualScenarios, ...optionScenarios];

const update = process.env.UPDATE_GOLDEN === '1';
const folder = new URL('./firewall/', import.meta.url);
const documentFile = new URL('../../docs/firewall.md', import.meta.url);
const nftablesFile = new URL('../../docs/firewall-nftables.md', import.meta.url);
const marker =
  '<!-- From here on this page is generated: UPDATE_GOLDEN=1 vitest run test/golden/firewall.test.ts -->';

function rendered({ input, families }: Scenario): string {
  return families
    .map(
      (family) =>
        `# ${family === 4 ? 'iptables' : 'ip6tables'}\n${annotateRules(planFirewall(input, family))}`,
    )
    .join('\n');
}

const section = (scenario: Scenario): string => sectionOf(scenario, rendered(scenario));

function sectionOf({ title, commands }: Scenario, text: string): string {
  const lines = commands.map((command) => `    ${command}`).join('\n');
  return `### ${title}\n\n${lines}\n\n\`\`\`\n${text}\`\`\`\n`;
}

/** Compares what follows the marker in a page. */
function comparePage(file: URL, generated: string): void {
  const page = existsSync(file) ? readFileSync(file, 'utf8') : '';
  compareFile(file, `${page.split(marker)[0] ?? ''}${marker}\n\n${generated}`);
}

function compareFile(file: URL, text: string): void {
  if (update) writeFileSync(file, text);
  expect(existsSync(file) ? readFileSync(file, 'utf8') : '').toBe(text);
}

describe('the rules of the firewall', () => {
  it.each(scenarios.map((scenario) => [scenario.title, scenario] as const))('%s', (_title, scenario) => {
    compareFile(new URL(`${scenario.name}.txt`, folder), rendered(scenario));
  });

  it('every golden file belongs to a scenario', () => {
    const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));
    expect(files.sort()).toEqual(scenarios.map(({ name }) => `${name}.txt`).sort());
  });

  it('the page for users shows them', () => {
    comparePage(documentFile, scenarios.map(section).join('\n'));
  });
});

/** What follows from the settings alone is shown once. */
const usual = scenarios.find(({ name }) => name === '02-port');

function tables({ input, families }: Scenario, known: (family: 4 | 6) => readonly string[]): string {
  return families
    .map((family) => {
      const { sets, chains } = annotatedParts(input, family);
      const others = chains.filter((chain) => !known(family).includes(chain));
      const lines = [...sets, ...others].join('\n').split('\n');
      return `table ${tableOf(family)} {\n${lines.map((line) => `  ${line}\n`).join('')}}\n`;
    })
    .join('\n');
}

describe('the table of nftables', () => {
  const usualChains = (family: 4 | 6) => (usual ? annotatedParts(usual.input, family).chains : []);

  it.each(scenarios.map((scenario) => [scenario.title, scenario] as const))('%s', (_title, scenario) => {
    compareFile(new URL(`${scenario.name}.nft`, folder), tables(scenario, usualChains));
  });

  it('every golden file belongs to a scenario', () => {
    const files = readdirSync(folder).filter((name) => name.endsWith('.nft'));
    expect(files.sort()).toEqual(scenarios.map(({ name }) => `${name}.nft`).sort());
  });

  it('the page for users shows it', () => {
    const parts = scenarios.map((scenario) =>
      sectionOf(scenario, tables(scenario, scenario === usual ? () => [] : usualChains)),
    );
    comparePage(nftablesFile, parts.join('\n'));
  });
});
