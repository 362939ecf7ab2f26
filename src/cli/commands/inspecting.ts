/** `inspect` of anything: the engine's JSON, indented, or a template over it. */

import { EngineError } from '#client/errors.ts';
import { parseJson } from '#client/json.ts';
import type { Context } from '../context.ts';
import { CliError } from '../failure.ts';
import { absentFields } from '../template/absent.ts';
import { compile } from '../template/evaluate.ts';
import { indentJson, templateValue } from '../template/json.ts';
import type { Value } from '../template/values.ts';

/** Gets the JSON text of one thing by its name. Throws `EngineError`. */
export type Fetch = (name: string) => Promise<string>;

/** Compile a `--format`, in the words of `inspect`. */
function templateOf(format: string): (value: Value) => string {
  const source = format === 'json' ? '{{json .}}' : format;
  try {
    const lacking = (field: string): string => `map has no entry for key ${JSON.stringify(field)}`;
    return compile(source, { lacking, absent: absentFields });
  } catch (thrown) {
    throw new CliError(`template parsing error: ${thrown instanceof Error ? thrown.message : thrown}`, {
      status: 64,
    });
  }
}

/** Prints each object; missing ones are reported after the others and make the status 1. */
export async function inspectAll(
  context: Context,
  names: readonly string[],
  fetch: Fetch,
  format: string,
): Promise<number> {
  const template = format === '' ? undefined : templateOf(format);
  const texts: string[] = [];
  const complaints: string[] = [];
  for (const name of names) {
    try {
      texts.push(await fetch(name));
    } catch (thrown) {
      const isMissing = thrown instanceof EngineError || (thrown instanceof CliError && thrown.status === 1);
      if (!isMissing) throw thrown;
      complaints.push(thrown.message);
    }
  }
  const wrong =
    template === undefined ? await printJson(context, texts) : await printTemplate(context, texts, template);
  for (const complaint of [...wrong, ...complaints]) context.complain(complaint);
  return complaints.length + wrong.length > 0 ? 1 : 0;
}

async function printJson(context: Context, texts: readonly string[]): Promise<string[]> {
  await context.print(`${indentJson(`[${texts.map((text) => text.trim()).join(',')}]`, '    ')}\n`);
  return [];
}

async function printTemplate(
  context: Context,
  texts: readonly string[],
  template: (value: Value) => string,
): Promise<string[]> {
  const lines: string[] = [];
  try {
    for (const text of texts) lines.push(template(templateValue(parseJson(text))));
  } catch (thrown) {
    await context.print(`${lines.map((line) => `${line}\n`).join('')}\n`);
    return [`template parsing error: ${thrown instanceof Error ? thrown.message : thrown}`];
  }
  // Nothing found is still an empty line, as with docker.
  await context.print(lines.length === 0 ? '\n' : lines.map((line) => `${line}\n`).join(''));
  return [];
}
