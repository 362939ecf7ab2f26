import { readFileSync } from 'node:fs';
import { defineCommand } from '../../command.ts';
import type { Context } from '../../context.ts';
import { CliError } from '../../failure.ts';
import { parsedListFlag, switchFlag } from '../../flags/flag.ts';
import { type Cluster, changeCa, updateSwarm } from '../../swarm/cluster.ts';
import { caFlags } from '../../swarm/cluster-flags.ts';
import { waitOnRotation } from '../../swarm/rotation.ts';

function readPem(path: string): string {
  const text = readFileSync(path, 'utf8');
  if (!/-----BEGIN [^-]+-----/.test(text)) throw new Error('file contents must be in PEM format');
  return text;
}

const pemFlag = (name: string, what: string) =>
  parsedListFlag(name, readPem, `Path to the PEM-formatted root CA ${what} to use for the new cluster`, {
    label: 'pem-file',
  });

async function printRoot(context: Context, { TLSInfo }: Cluster): Promise<number> {
  if (!TLSInfo?.TrustRoot) throw new CliError('No CA information available');
  await context.print(`${TLSInfo.TrustRoot.trim()}\n`);
  return 0;
}

const needRotate = {
  caCert: 'ca-cert',
  caKey: 'ca-key',
  certExpiry: 'cert-expiry',
  externalCa: 'external-ca',
};

function checkFlags(given: ReadonlySet<string>, rotate: boolean): void {
  for (const [flag, name] of Object.entries(needRotate))
    if (!rotate && given.has(flag))
      throw new CliError(`\`--${name}\` flag requires the \`--rotate\` flag to update the CA`);
  if (given.has('externalCa') && !given.has('caCert'))
    throw new CliError(
      "rotating to an external CA requires the `--ca-cert` flag to specify the external CA's cert - to add an external CA with the current root CA certificate, use the `update` command instead",
    );
  if (given.has('caCert') && !given.has('externalCa') && !given.has('caKey'))
    throw new CliError(
      'the --ca-cert flag requires that a --ca-key flag and/or --external-ca flag be provided as well',
    );
}

export const command = defineCommand({
  flags: {
    ...caFlags,
    caCert: pemFlag('ca-cert', 'certificate'),
    caKey: pemFlag('ca-key', 'key'),
    detach: switchFlag('detach', 'Exit immediately instead of waiting for the root rotation to converge', {
      short: 'd',
    }),
    quiet: switchFlag('quiet', 'Suppress progress output', { short: 'q' }),
    rotate: switchFlag(
      'rotate',
      'Rotate the swarm CA - if no certificate or key are provided, new ones will be generated',
    ),
  },
  async run({ flags, given, context }) {
    const engine = await context.engine();
    const swarm = await engine.get<Cluster>('/swarm');
    checkFlags(given, flags.rotate);
    if (!flags.rotate) return printRoot(context, swarm);
    const { Spec: spec } = swarm;
    changeCa(spec, { flags, given });
    const [cert = '', key = ''] = [flags.caCert.at(-1), flags.caKey.at(-1)];
    const before = spec.CAConfig?.ForceRotate ?? 0;
    spec.CAConfig = {
      ...spec.CAConfig,
      SigningCACert: cert,
      SigningCAKey: key,
      ForceRotate: cert === '' && key === '' ? before + 1 : before,
    };
    await updateSwarm(engine, swarm);
    if (flags.detach) return 0;
    await waitOnRotation(context, flags);
    if (flags.quiet) return 0;
    return printRoot(context, await engine.get<Cluster>('/swarm'));
  },
});
