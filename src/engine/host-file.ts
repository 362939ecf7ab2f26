import { readFileSync } from 'node:fs';

/** Text of a file of the host; '' if it cannot be read. */
export function hostFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** A value of os-release(5); '' if there is none. */
export const osRelease = (key: string): string =>
  new RegExp(`^${key}="?([^"\n]*)"?$`, 'm').exec(hostFile('/etc/os-release'))?.[1] ?? '';
