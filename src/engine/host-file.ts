import { readFileSync } from 'node:fs';

/** Text of a file of the host; '' if it cannot be read. */
export function hostFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
