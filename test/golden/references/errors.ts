/** docs/errors.md: the table of errors, with the names of the arguments in the place of their values. */
import { statusOfKind } from '../../../src/errors/entry.ts';
import { errorTable } from '../../../src/errors.ts';
import { code, markdownTable, pageOf } from './table.ts';

/** `name` and `id` of `(name, id) => ...`; for an argument with a default its name alone. */
function argumentsOf(message: (...args: never[]) => string): readonly string[] {
  const [, list = ''] = /^\(([^)]*)\)/.exec(message.toString()) ?? [];
  return list
    .split(',')
    .map((part) => (part.split(/[=:]/)[0] ?? '').trim().replace(/^_/, ''))
    .filter(Boolean);
}

function messageOf(message: (...args: never[]) => string): string {
  const names = argumentsOf(message).map((name) => `{${name}}`);
  return (message as unknown as (...args: string[]) => string)(...names);
}

export const errorsPage = (): string =>
  pageOf([
    '# Errors',
    `Every error of the engine. The API answers with the status and \`{"message": "..."}\`. Codes are used in the source and in
tests; they are not sent. Words in braces are replaced. Where the message is a single such word, the text depends on
the cause and is Docker's where Docker has one. This page is generated from \`src/errors.ts\`:
\`UPDATE_GOLDEN=1 vitest run test/golden/references.test.ts\`.`,
    markdownTable(
      ['code', 'status', 'message'],
      Object.entries(errorTable).map(([name, [kind, message]]) => [
        code(name),
        String(statusOfKind[kind]),
        messageOf(message),
      ]),
    ),
  ]);
