/** Flows that rules would have translated, had they been there when the flows began. Pure. */
import type { BridgeFamily, FirewallInput, PublishedPort } from './input.ts';

/** A port of the host, and who answers it. */
interface MissedPort {
  readonly protocol: PublishedPort['protocol'];
  readonly port: number;
  readonly address: string;
  readonly answeredBy: string;
}

type Misled =
  | { readonly missed: readonly MissedPort[] }
  | { readonly untranslated: readonly string[]; readonly near: readonly string[] };

/** None where nothing is translated. Flows of TCP to ports do not begin without a container that answers. */
export function flowsMisled({ bridges, ports }: FirewallInput): readonly Misled[] {
  const missed = ports.filter(({ protocol, hostPort }) => protocol === 'udp' && hostPort > 0).flatMap(each);
  const near = bridges.flatMap((bridge) => subnetsOf(Object.values(bridge.families)));
  const untranslated = bridges.flatMap((bridge) =>
    bridge.internal ? [] : subnetsOf(Object.values(bridge.families).filter(isHidden)),
  );
  return [
    ...(missed.length > 0 ? [{ missed }] : []),
    ...(untranslated.length > 0 ? [{ untranslated, near }] : []),
  ];
}

const isHidden = ({ masquerade, mode }: BridgeFamily): boolean =>
  masquerade && (mode === 'nat' || mode === 'nat-unprotected');

const subnetsOf = (families: readonly BridgeFamily[]): readonly string[] =>
  families.flatMap(({ subnets }) => subnets);

const each = ({ protocol, hostIP, hostPort, hostPortEnd = hostPort, address }: PublishedPort): MissedPort[] =>
  Array.from({ length: hostPortEnd - hostPort + 1 }, (_, step) => ({
    ...{ protocol, port: hostPort + step, address: hostIP, answeredBy: address },
  }));
