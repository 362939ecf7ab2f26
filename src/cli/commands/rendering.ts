/** A template over one thing: `version`, `info`. */
import { absentFields } from '../client/absent.ts';
import { CliError } from '../failure.ts';
import { compile } from '../template/evaluate.ts';
import type { Value } from '../template/values.ts';

/** The rendered line, with its end. Throws `CliError` in docker's words. */
export function renderOne(format: string, value: Value): string {
  const source = format === 'json' ? '{{json .}}' : format;
  try {
    return `${compile(source, { absent: absentFields })(value)}\n`;
  } catch (thrown) {
    throw new CliError(`template parsing error: ${thrown instanceof Error ? thrown.message : thrown}`, {
      status: 64,
    });
  }
}
