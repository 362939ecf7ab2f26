import { readFileSync } from 'node:fs';

/** A file of the host, '' where it cannot be read. */
export function hostFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
