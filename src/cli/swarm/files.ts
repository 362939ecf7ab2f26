/** Lists of secrets and configs, and their data. */
import { readFile } from 'node:fs/promises';
import { bytesOf } from '#client/client.ts';
import { messageOf } from '../../errors.ts';
import type { Context } from '../context.ts';
import { CliError } from '../failure.ts';
import type { Listing } from '../table/listing.ts';
import { shownLabels } from '../words/text.ts';
import { goTime } from '../words/time.ts';
import type { FileKind } from './file-references.ts';
import { ago, type Lines, labelLines, textOfLines } from './pretty.ts';
import type { Labels, SwarmObject } from './types.ts';

export type SwarmFile = SwarmObject<{
  readonly Name: string;
  readonly Labels?: Labels;
  readonly Data?: string;
  readonly Driver?: { readonly Name?: string };
}>;

/** The bytes of a file, or of standard input for `-`. */
export async function dataOf({ stdin }: Pick<Context, 'stdin'>, file: string): Promise<Buffer> {
  if (file === '-') return bytesOf(stdin);
  try {
    return await readFile(file);
  } catch (thrown) {
    const isMissing = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
    throw new CliError(
      `error reading from ${file}: ${isMissing ? `open ${file}: no such file or directory` : messageOf(thrown)}`,
    );
  }
}

export function fileListing(kind: FileKind, now: number): Listing<SwarmFile> {
  const driver = {
    Driver: { header: 'DRIVER', value: ({ Spec }: SwarmFile) => Spec.Driver?.Name ?? '' },
  };
  return {
    columns: {
      ID: { header: 'ID', value: ({ ID }) => ID },
      Name: { header: 'NAME', value: ({ Spec }) => Spec.Name },
      ...(kind === 'secret' ? driver : {}),
      CreatedAt: { header: 'CREATED', value: ({ CreatedAt }) => ago(CreatedAt, now) },
      UpdatedAt: { header: 'UPDATED', value: ({ UpdatedAt }) => ago(UpdatedAt, now) },
      Labels: { header: 'LABELS', value: ({ Spec }) => shownLabels(Spec.Labels ?? {}) },
      Label: {
        header: '@label',
        value:
          ({ Spec }) =>
          (name: unknown) =>
            Spec.Labels?.[String(name)] ?? '',
      },
    },
    table: `table {{.ID}}\t{{.Name}}${kind === 'secret' ? '\t{{.Driver}}' : ''}\t{{.CreatedAt}}\t{{.UpdatedAt}}`,
    type: `*${kind}.${kind}Context`,
  };
}

/** `secret inspect --pretty`, `config inspect --pretty`. */
export function prettyFile(kind: FileKind, { ID, CreatedAt, UpdatedAt, Spec }: SwarmFile): string {
  const data: Lines = ['Data:', Buffer.from(Spec.Data ?? '', 'base64').toString('utf8')];
  // Docker aligns those of secrets by blanks, those of configs by tabs.
  const blanks: Readonly<Record<string, string>> = { 'ID:': ' '.repeat(14), 'Name:': ' '.repeat(14) };
  const tabs: Readonly<Record<string, string>> = { 'ID:': '\t\t\t', 'Name:': '\t\t\t' };
  const line = (name: string, value: string): string =>
    kind === 'secret'
      ? `${name}${blanks[name] ?? ' '.repeat(19 - name.length)}${value}`
      : `${name}${tabs[name] ?? `${' '.repeat(12)}\t`}${value}`;
  return textOfLines(
    line('ID:', ID),
    line('Name:', Spec.Name),
    Object.keys(Spec.Labels ?? {}).length > 0 && [
      'Labels:',
      labelLines(Spec.Labels, (name, value) => ` - ${name}${value && `=${value}`}`),
    ],
    kind === 'secret' && line('Driver:', Spec.Driver?.Name ?? ''),
    line('Created at:', goTime(CreatedAt, ' utc')),
    line('Updated at:', goTime(UpdatedAt, ' utc')),
    kind === 'config' && data,
  );
}
