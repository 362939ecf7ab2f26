/** A URL that may be shown: user and password are masked as by dockerd. What is no URL stays. */
export function withoutPassword(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1xxxxx:xxxxx@');
}
