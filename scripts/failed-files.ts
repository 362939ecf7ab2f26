// failed-files.ts RESULTS: the test files that failed, of a report of vitest's JSON reporter, one a line. Ends with 1,
// and a sentence, where running them again would tell nothing: there are too many, or none.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

const most = 3;

type Results = { testResults: { name: string; status: string }[] };

function failedFiles(results: Results): string[] {
  const failed = results.testResults.filter((file) => file.status === 'failed');
  return failed.map((file) => relative(process.cwd(), file.name));
}

function main(path: string): number {
  const files = failedFiles(JSON.parse(readFileSync(path, 'utf8')));
  if (files.length === 0 || files.length > most) {
    process.stderr.write(`${files.length} test files failed: none is run again\n`);
    return 1;
  }
  process.stdout.write(`${files.join('\n')}\n`);
  return 0;
}

process.exitCode = main(process.argv[2] ?? '');
