/** Headers that every answer has, also the hijacked ones' refusals. */
import { newest } from './version.ts';

/** `version` is seaway's own, for the Server header. */
export function commonHeaders(version: string): Readonly<Record<string, string>> {
  return {
    'Api-Version': newest,
    'Docker-Experimental': 'false',
    Ostype: 'linux',
    Server: `Seaway/${version} (linux)`,
  };
}
