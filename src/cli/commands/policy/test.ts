import { defineCommand } from '../../command.ts';
import { CliError } from '../../failure.ts';

/** What one end's policies say. */
export interface FlowStep {
  readonly Direction: 'ingress' | 'egress';
  readonly Container: string;
  readonly Verdict: 'allow' | 'deny';
  readonly Policy: string;
  /** From 1; 0 where no rule matches. */
  readonly Rule: number;
  readonly Line: number;
  readonly Remote: string;
  readonly Ports: readonly string[];
}

interface Flow {
  readonly Allowed: boolean;
  readonly Network: string;
  readonly Steps: readonly FlowStep[];
}

/** `B:80`, `B:53/udp`, `[fd00::1]:80`, `B/icmp`. Throws CliError. */
export function readTarget(text: string): { To: string; Port: number; Protocol: string } {
  const [, pinged] = /^(\[[^\]]+\]|[^:/]+)\/icmp$/.exec(text) ?? [];
  if (pinged !== undefined) return { To: pinged.replace(/^\[(.*)\]$/, '$1'), Port: 0, Protocol: 'icmp' };
  const [, to = '', port = '', protocol = 'tcp'] = /^(.+):(\d{1,5})(?:\/(tcp|udp|sctp))?$/.exec(text) ?? [];
  if (to === '' || Number(port) < 1 || Number(port) > 65535)
    throw new CliError(`invalid destination ${JSON.stringify(text)}: write B:80, B:53/udp or B/icmp`);
  return { To: to.replace(/^\[(.*)\]$/, '$1'), Port: Number(port), Protocol: protocol };
}

/** What decides on one side. */
export function stepLine(step: FlowStep): string {
  const side = `${step.Direction} of ${step.Container}: ${step.Verdict}`;
  if (step.Policy === '') return step.Rule === 0 && step.Remote === '' ? `${side}, no rule matches` : side;
  if (step.Rule === 0) return `${side} by policy ${step.Policy}, which allows nothing that matches`;
  const place = step.Line > 0 ? ` (line ${step.Line})` : '';
  const ports = step.Ports.length > 0 ? ` ports ${step.Ports.join(', ')}` : '';
  return `${side} by policy ${step.Policy}, ${step.Direction} rule ${step.Rule}${place}: ${step.Verdict} ${step.Remote}${ports}`;
}

export const command = defineCommand({
  takes: 'CONTAINER DESTINATION:PORT[/PROTOCOL]',
  count: [2, 2],
  flags: {},
  async run({ operands: [from = '', target = ''], context }) {
    const to = readTarget(target);
    const engine = await context.engine();
    const flow = await engine.json<Flow>('POST', '/seaway/policies/test', { json: { From: from, ...to } });
    await context.print(`${flow.Allowed ? 'allowed' : 'denied'}\n`);
    for (const step of flow.Steps) await context.print(`  ${stepLine(step)}\n`);
    if (flow.Steps.length === 0) await context.print('  no policy is for either end\n');
    return flow.Allowed ? 0 : 1;
  },
});
