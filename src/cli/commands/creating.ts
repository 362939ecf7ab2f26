/** `create`, as `run` and `create` share it: the image is pulled when it is missing. */
import { access, rm, writeFile } from 'node:fs/promises';
import type { Client } from '#client/client.ts';
import { EngineError } from '#client/errors.ts';
import { proxyEnvironment } from '../client-config.ts';
import type { Context } from '../context.ts';
import { CliError } from '../failure.ts';
import type { FlagValues } from '../flags/flag.ts';
import { type CreateBody, createBody } from '../spec/container.ts';
import type { containerFlags, creationFlags } from '../spec/container-flags.ts';
import { splitReference, withTag } from '../words/reference.ts';
import { pullImage } from './pulling.ts';

export interface CreateCommand {
  readonly flags: FlagValues<typeof containerFlags & typeof creationFlags>;
  readonly given: ReadonlySet<string>;
  readonly operands: readonly string[];
  readonly detach: boolean;
  readonly context: Context;
}

export interface Created {
  readonly id: string;
  readonly body: CreateBody;
}

/** A failure of `run` or `create` in docker's words, by default with status 125. */
export function creationError(context: Context, thrown: Error, status = 125): CliError {
  const command = [context.program, ...context.path].join(' ');
  return new CliError(
    `${context.program}: ${thrown.message}\n\nRun '${command} --help' for more information`,
    { status, cause: thrown },
  );
}

/** Create the container. Throws `CliError`. */
export async function createContainer({
  flags,
  given,
  operands,
  detach,
  context,
}: CreateCommand): Promise<Created> {
  const [image = '', ...words] = operands;
  if (!['always', 'missing', 'never'].includes(flags.pull))
    throw new CliError(`invalid pull option: '${flags.pull}': must be one of "always", "missing" or "never"`);
  const engine = await context.engine();
  const proxies = proxyEnvironment(await context.config(), engine.transport.address.shown);
  const body = await createBody({ flags, given, image, words, detach, env: context.env, proxies });
  const endpoints = Object.keys(body.NetworkingConfig.EndpointsConfig);
  if (endpoints.length > 1 && !engine.atLeast('1.44')) {
    throw new CliError(
      `specifying multiple networks requires API version 1.44, but the Docker daemon API version is ${engine.version}`,
    );
  }
  if (flags.cidfile !== '') await checkIdFile(flags.cidfile);
  const pull = () =>
    pullImage(context, image, { platform: flags.platform, quiet: flags.quiet, to: context.stderr });
  if (flags.pull === 'always') await pull();
  const answer = await post(engine, body, flags, async () => {
    if (!flags.quiet) context.complain(`Unable to find image '${withTag(image)}' locally`);
    await pull();
  });
  for (const warning of answer.Warnings ?? []) context.complain(`WARNING: ${warning}`);
  if (flags.cidfile !== '') await writeFile(flags.cidfile, answer.Id, { flag: 'wx', mode: 0o644 });
  return { id: answer.Id, body };
}

async function checkIdFile(path: string): Promise<void> {
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (exists)
    throw new CliError(
      `container ID file found, make sure the other container isn't running or delete ${path}`,
    );
  // It is written only after the container is made; better to fail before.
  await writeFile(path, '', { flag: 'wx' }).catch((cause: unknown) => {
    throw new CliError(
      `failed to create the container ID file: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    );
  });
  await rm(path);
}

type Answer = { readonly Id: string; readonly Warnings?: readonly string[] | null };

async function post(
  engine: Client,
  body: CreateBody,
  flags: CreateCommand['flags'],
  pull: () => Promise<void>,
): Promise<Answer> {
  const query = { name: flags.name, platform: flags.platform };
  const json = engine.atLeast('1.44') ? body : withContainerMac(body, flags.macAddress);
  const create = () => engine.json<Answer>('POST', '/containers/create', { query, json });
  try {
    return await create();
  } catch (thrown) {
    const isMissing =
      thrown instanceof EngineError && thrown.httpStatus === 404 && isAboutImage(thrown.reason, body.Image);
    if (!isMissing || flags.pull !== 'missing') throw thrown;
  }
  await pull();
  return create();
}

/** The engine's 404 may also speak of a network or another container. */
const isAboutImage = (reason: string, image: string): boolean =>
  /no such image/i.test(reason) ||
  (reason.includes(splitReference(image).repository) && /image/i.test(reason));

/** Engines before API 1.44 have the address in the container's configuration. */
const withContainerMac = (body: CreateBody, mac: string): object =>
  mac === '' ? body : { ...body, MacAddress: mac };
