/** Masks user and password of a URL for logs, as dockerd does. Other texts are returned unchanged. */
export function withoutPassword(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1xxxxx:xxxxx@');
}
