/**
 * Ring 2: scenarios in, rules out, as `iptables-save` would print them. What differs from
 * test/golden/firewall/*.txt or from docs/firewall.md fails; UPDATE_GOLDEN=1 rewrites both.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { annotateRules } from '../../src/firewall/iptables/annotate.ts';
import { planFirewall } from '../../src/firewall/plan.ts';
import { optionScenarios } from './firewall/options.ts';
import { type Scenario, scenarios as usualScenarios } from './firewall/scenarios.ts';

const scenarios = [...usualScenarios, ...optionScenarios];

const update = process.env.UPDATE_GOLDEN === '1';
const folder = new URL('./firewall/', import.meta.url);
const documentFile = new URL('../../docs/firewall.md', import.meta.url);
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

function section(scenario: Scenario): string {
  const commands = scenario.commands.map((command) => `    ${command}`).join('\n');
  return `### ${scenario.title}\n\n${commands}\n\n\`\`\`\n${rendered(scenario)}\`\`\`\n`;
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
    const page = existsSync(documentFile) ? readFileSync(documentFile, 'utf8') : '';
    const written = page.split(marker)[0] ?? '';
    compareFile(documentFile, `${written}${marker}\n\n${scenarios.map(section).join('\n')}`);
  });
});
