/** Pulling an image, with the credentials of the client's config. */
import type { Context } from '../context.ts';
import { fullName, registryOf, splitReference, withTag } from '../words/reference.ts';
import { registryAuth } from './credentials.ts';
import { showProgress } from './progress.ts';

export interface PullOptions {
  readonly platform: string;
  readonly quiet: boolean;
  readonly allTags?: boolean;
  /** Output of the progress; by default standard output. */
  readonly to?: NodeJS.WriteStream;
}

/** Pull, showing progress; with `quiet` only the image's name. Throws `CliError`. */
export async function pullImage(context: Context, name: string, options: PullOptions): Promise<void> {
  const engine = await context.engine();
  const full = fullName(options.allTags ? name : withTag(name));
  const { repository, tag } = splitReference(full);
  const [plain = '', digest] = repository.split('@');
  const auth = await registryAuth(context, registryOf(name));
  const answer = await engine.open('POST', '/images/create', {
    query: { fromImage: plain, tag: digest ?? tag, platform: options.platform.toLowerCase() },
    headers: auth === undefined ? {} : { 'X-Registry-Auth': auth },
  });
  await showProgress(context, answer, { quiet: options.quiet, to: options.to });
  if (options.to === undefined) await context.print(`${full}\n`);
}
