/** `node inspect --pretty`. */
import { binarySize } from '../../go/size.ts';
import { goTime } from '../words/time.ts';
import { titled } from './nodes.ts';
import { type Lines, labelLines, textOfLines } from './pretty.ts';
import type { Node, TlsInfo } from './types.ts';

export function prettyNode(node: Node): string {
  const { Spec: spec, Description: described, Status: status } = node;
  const engine = described.Engine ?? {};
  const platform = described.Platform ?? {};
  return textOfLines(
    `ID:\t\t\t${node.ID}`,
    !!spec.Name && `Name:\t\t\t${spec.Name}`,
    labels('Labels', spec.Labels),
    `Hostname:              \t${described.Hostname ?? ''}`,
    `Joined at:             \t${goTime(node.CreatedAt, ' utc')}`,
    'Status:',
    ` State:\t\t\t${titled(status.State ?? '')}`,
    !!status.Message && ` Message:              \t${titled(status.Message)}`,
    ` Availability:         \t${titled(spec.Availability)}`,
    !!status.Addr && ` Address:\t\t${status.Addr}`,
    managerLines(node),
    'Platform:',
    ` Operating System:\t${platform.OS ?? ''}`,
    ` Architecture:\t\t${platform.Architecture ?? ''}`,
    'Resources:',
    ` CPUs:\t\t\t${Math.trunc((described.Resources?.NanoCPUs ?? 0) / 1e9)}`,
    ` Memory:\t\t${binarySize(described.Resources?.MemoryBytes ?? 0)}`,
    pluginLines(engine.Plugins ?? []),
    `Engine Version:\t\t${engine.EngineVersion ?? ''}`,
    labels('Engine Labels', engine.Labels),
    tlsLines(described.TLSInfo),
  );
}

const labels = (title: string, values: Readonly<Record<string, string>> | undefined): Lines =>
  Object.keys(values ?? {}).length > 0 && [
    `${title}:`,
    labelLines(values, (name, value) => ` - ${name}${value && `=${value}`}`),
  ];

function managerLines({ ManagerStatus: status }: Node): Lines {
  return (
    status !== undefined && [
      'Manager Status:',
      ` Address:\t\t${status.Addr ?? ''}`,
      ` Raft Status:\t\t${titled(status.Reachability ?? '')}`,
      ` Leader:\t\t${status.Leader === true ? 'Yes' : 'No'}`,
    ]
  );
}

function pluginLines(plugins: readonly { readonly Type: string; readonly Name: string }[]): Lines {
  if (plugins.length === 0) return undefined;
  const names = new Map<string, string[]>();
  for (const { Type, Name } of plugins) names.set(Type, [...(names.get(Type) ?? []), Name]);
  const lines = [...names]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([type, own]) => ` ${type}:\t\t${own.join(', ')}`);
  return ['Plugins:', lines];
}

function tlsLines(tls: TlsInfo | undefined): Lines {
  return (
    Object.keys(tls ?? {}).length > 0 && [
      'TLS Info:',
      ' TrustRoot:',
      `${tls?.TrustRoot ?? ''}`,
      ` Issuer Subject:\t${tls?.CertIssuerSubject ?? ''}`,
      ` Issuer Public Key:\t${tls?.CertIssuerPublicKey ?? ''}`,
    ]
  );
}
