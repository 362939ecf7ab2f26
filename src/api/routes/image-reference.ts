/** References as the API splits them over its parameters. */

/** `repo` and `tag` in one; '' when no repository is given. A tag may be a digest. */
export function referenceOf(repo: string, tag: string): string {
  if (repo === '' || tag === '') return repo;
  return tag.includes(':') ? `${repo}@${tag}` : `${repo}:${tag}`;
}
