/** Waits until all nodes have certificates of the new root, and shows how many have. */
import { createHash } from 'node:crypto';
import type { Context } from '../context.ts';
import type { Cluster } from './cluster.ts';
import { newScreen, type Screen, silent } from './screen.ts';
import type { Node, TlsInfo } from './types.ts';
import { waitUntil } from './waiting.ts';

const certificates = '  rotated TLS certificates';
const roots = '  rotated CA certificates';

export async function waitOnRotation(
  context: Context,
  { quiet }: { readonly quiet: boolean },
): Promise<void> {
  const engine = await context.engine();
  const screen = quiet ? silent : newScreen(context.stdout);
  // In this order they stay on the screen.
  await screen.show({ id: 'desired root digest', text: '' });
  await screen.show({ id: certificates, text: '' });
  await screen.show({ id: roots, text: ' ' });
  const isOver = await waitUntil(async () => {
    const swarm = await engine.get<Cluster>('/swarm');
    return showRotation(screen, swarm, await engine.get<Node[]>('/nodes'));
  });
  if (isOver) return;
  await screen.say('Operation continuing in background.');
  await screen.say(
    `Use \`${context.program} node ls --format "{{.Hostname}} {{.TLSStatus}}"\` to check progress.`,
  );
}

/** True when all nodes have what the swarm wants. */
export async function showRotation(
  screen: Screen,
  {
    TLSInfo: wanted = {},
    RootRotationInProgress = false,
  }: Pick<Cluster, 'TLSInfo' | 'RootRotationInProgress'>,
  nodes: readonly Node[],
): Promise<boolean> {
  const digest = createHash('sha256')
    .update(wanted.TrustRoot ?? '')
    .digest('hex');
  await screen.show({ id: 'desired root digest', text: `sha256:${digest}` });
  const count = (fits: (tls: TlsInfo) => boolean): number =>
    nodes.filter(({ Description }) => fits(Description.TLSInfo ?? {})).length;
  const issued = count(
    (tls) =>
      tls.CertIssuerPublicKey === wanted.CertIssuerPublicKey &&
      tls.CertIssuerSubject === wanted.CertIssuerSubject,
  );
  const trusting = count((tls) => tls.TrustRoot === wanted.TrustRoot);
  const of = nodes.length;
  const isIssued = issued === of && !RootRotationInProgress;
  await screen.show({ id: certificates, text: `${issued}/${of} nodes`, done: issued, of });
  // Nodes trust the new root alone only when all have certificates of it.
  const shown = isIssued ? trusting : 0;
  await screen.show({ id: roots, text: `${shown}/${of} nodes`, done: shown, of });
  return isIssued && trusting === of;
}
