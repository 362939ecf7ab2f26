/** A template over one thing: `version`, `info`. */
import { messageOf } from '../../errors.ts';
import { CliError } from '../failure.ts';
import { absentFields } from '../template/absent.ts';
import { compile } from '../template/evaluate.ts';
import type { Value } from '../template/values.ts';

/** The rendered line, with its end. A template that cannot be parsed is status 64, one that fails is 1. */
export function renderOne(format: string, value: Value): string {
  const template = parsed(format === 'json' ? '{{json .}}' : format);
  try {
    return `${template(value)}\n`;
  } catch (thrown) {
    throw new CliError(messageOf(thrown), { cause: thrown });
  }
}

function parsed(source: string): (value: Value) => string {
  try {
    return compile(source, { absent: absentFields });
  } catch (thrown) {
    throw new CliError(`template parsing error: ${messageOf(thrown)}`, { status: 64, cause: thrown });
  }
}
