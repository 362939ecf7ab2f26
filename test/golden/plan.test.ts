/**
 * Ring 2: networks and containers in, kernel objects out, as `ip` would show them. What differs from
 * test/golden/plans/*.txt or from docs/kernel-objects.md fails; UPDATE_GOLDEN=1 rewrites both.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { printPlan } from '../../src/objects/print.ts';
import { diff } from '../../src/reconcile/diff.ts';
import { planNetworkScope, planSandboxScope } from '../../src/reconcile/plan.ts';
import { bridgeOptionScenarios } from './plans/bridge-options.ts';
import { overlayScenarios } from './plans/overlays.ts';
import { parentOptionScenarios } from './plans/parent-options.ts';
import { type Scenario, scenarios as usualScenarios } from './plans/scenarios.ts';
import { modelOf } from './plans/world.ts';

const scenarios = [
  ...usualScenarios,
  ...bridgeOptionScenarios,
  ...parentOptionScenarios,
  ...overlayScenarios,
];

const update = process.env.UPDATE_GOLDEN === '1';
const folder = new URL('./plans/', import.meta.url);
const documentFile = new URL('../../docs/kernel-objects.md', import.meta.url);

const preface = `# What is in the kernel, and where

Every network and every container is a few objects of the kernel, shown here as \`ip\` shows them and in
the order in which they are made. What belongs to the engine is marked by its alias
(\`ip -d link\`) and, for routes, by protocol number 94. This page is generated:
\`UPDATE_GOLDEN=1 vitest run test/golden/plan.test.ts\`. Firewall rules are in [The firewall](firewall.md).
`;

function planned(scenario: Scenario) {
  const model = modelOf(scenario);
  return [
    ...(scenario.networks ?? []).flatMap(({ id }) => planNetworkScope(model, id, scenario.facts)),
    ...(scenario.sandboxes ?? []).flatMap(({ id }) => planSandboxScope(model, id, scenario.facts)),
  ];
}

/** Ids are long, names are short. */
function rendered(scenario: Scenario): string {
  let text = printPlan(planned(scenario));
  for (const { id, hostname } of scenario.sandboxes ?? []) text = text.replaceAll(id, hostname);
  return text;
}

function compareFile(file: URL, text: string): void {
  if (update) writeFileSync(file, text);
  expect(existsSync(file) ? readFileSync(file, 'utf8') : '').toBe(text);
}

function section(scenario: Scenario): string {
  const commands = scenario.commands.map((command) => `    ${command}`).join('\n');
  return `## ${scenario.title}\n\n${commands}\n\n\`\`\`\n${rendered(scenario)}\`\`\`\n`;
}

describe('what networks and containers are in the kernel', () => {
  it.each(scenarios.map((scenario) => [scenario.title, scenario] as const))('%s', (_title, scenario) => {
    compareFile(new URL(`${scenario.name}.txt`, folder), rendered(scenario));
  });

  it('the same records give the same objects', () => {
    for (const scenario of scenarios) expect(planned(scenario)).toEqual(planned(scenario));
  });

  it('on an empty host all of it is made, in the order that is shown', () => {
    for (const scenario of scenarios) {
      const made = diff(planned(scenario), []).flatMap((action) =>
        action.verb === 'make' ? [action.object] : [],
      );
      expect(printPlan(made)).toBe(printPlan(planned(scenario)));
    }
  });

  it('every golden file belongs to a scenario', () => {
    const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));
    expect(files.sort()).toEqual(scenarios.map(({ name }) => `${name}.txt`).sort());
  });

  it('the page for users shows them', () => {
    compareFile(documentFile, `${preface}\n${scenarios.map(section).join('\n')}`);
  });
});
