/** Policies in the API. */
import type { Count, FlowAnswer, PolicyDetail } from '../../engine/policy-verbs.ts';
import type { PolicyRule } from '../../model/policy.ts';
import { portWords, remoteWords, selectorWords } from '../../policy/words.ts';

const presentRule = (rule: PolicyRule, count: Count | undefined): object => ({
  Verdict: rule.verdict,
  Remote: remoteWords(rule.remote),
  Ports: rule.ports.map(portWords),
  Line: rule.line,
  Packets: count?.packets ?? 0,
  Bytes: count?.bytes ?? 0,
});

export const presentPolicy = (detail: PolicyDetail): object => {
  const { policy, ingress, egress, denied } = detail;
  return {
    Name: policy.id,
    Order: policy.order,
    Applies: selectorWords(policy.applies),
    Ingress: policy.ingress.map((rule, i) => presentRule(rule, ingress[i])),
    Egress: policy.egress.map((rule, i) => presentRule(rule, egress[i])),
    OtherwiseDenied: { Packets: denied.packets, Bytes: denied.bytes },
    Containers: detail.containers,
    MayChangeRules: detail.privileged,
  };
};

export const presentFlow = ({ allowed, network, steps }: FlowAnswer): object => ({
  Allowed: allowed,
  Network: network,
  Steps: steps.map(({ direction, container, verdict, origin }) => ({
    Direction: direction,
    Container: container,
    Verdict: verdict,
    Policy: origin?.policy ?? '',
    Rule: origin?.index ?? 0,
    Line: origin?.rule?.line ?? 0,
    Remote: origin?.rule ? remoteWords(origin.rule.remote) : '',
    Ports: origin?.rule?.ports.map(portWords) ?? [],
  })),
});
