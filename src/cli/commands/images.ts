/** Images as lists show them: a line for every name of every image. */

import type { ImageSummary } from '#client/answers.ts';
import { humanSize } from '../../go/size.ts';
import type { Listing } from '../table/listing.ts';
import { shortId } from '../words/text.ts';
import { localTime } from '../words/time.ts';
import { ago, type ListOptions } from './listings.ts';

/** One name of an image. */
export interface ImageRow {
  readonly image: ImageSummary;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

const none = '<none>';

const splitTag = (name: string): [string, string] => {
  const at = name.lastIndexOf(':');
  return at > name.lastIndexOf('/') ? [name.slice(0, at), name.slice(at + 1)] : [name, none];
};

const splitDigest = (name: string): [string, string] => {
  const at = name.indexOf('@');
  return [name.slice(0, at), name.slice(at + 1)];
};

/** The rows of an image: by repository, its tags with its digest; a digest without a tag has its own row. */
export function rowsOfImage(image: ImageSummary, options: { readonly digests: boolean }): ImageRow[] {
  const tags = (image.RepoTags ?? []).filter((name) => name !== '<none>:<none>').map(splitTag);
  const digests = (image.RepoDigests ?? []).filter((name) => name !== '<none>@<none>').map(splitDigest);
  const repositories = [...new Set([...tags, ...digests].map(([repository]) => repository))];
  if (repositories.length === 0) return [{ image, repository: none, tag: none, digest: none }];
  return repositories.flatMap((repository) => {
    const [ownTags, ownDigests] = [tags, digests].map((all) =>
      all.filter(([name]) => name === repository).map(([, text]) => text),
    );
    const shownDigests =
      !options.digests || ownDigests?.length === 0 ? [ownDigests?.[0] ?? none] : (ownDigests ?? []);
    const shownTags = ownTags?.length === 0 ? [none] : (ownTags ?? []);
    return shownTags.flatMap((tag) => shownDigests.map((digest) => ({ image, repository, tag, digest })));
  });
}

const sizeOrAbsent = (size: number | undefined): string =>
  size === undefined || size < 0 ? 'N/A' : humanSize(size);

export function imageListing({ truncate, now }: ListOptions, digests: boolean): Listing<ImageRow> {
  return {
    columns: {
      ID: { header: 'IMAGE ID', value: ({ image }) => (truncate ? shortId(image.Id) : image.Id) },
      Repository: { header: 'REPOSITORY', value: ({ repository }) => repository },
      Tag: { header: 'TAG', value: ({ tag }) => tag },
      Digest: { header: 'DIGEST', value: ({ digest }) => digest },
      CreatedSince: {
        header: 'CREATED',
        value: ({ image }) => (image.Created < 0 ? 'N/A' : ago(image.Created, now)),
      },
      CreatedAt: { header: 'CREATED AT', value: ({ image }) => localTime(image.Created) },
      Size: { header: 'SIZE', value: ({ image }) => humanSize(image.Size, 3) },
      Containers: {
        header: 'CONTAINERS',
        value: ({ image }) => (image.Containers < 0 ? 'N/A' : String(image.Containers)),
      },
      VirtualSize: { header: 'SIZE', value: ({ image }) => humanSize(image.Size) },
      SharedSize: { header: 'SHARED SIZE', value: ({ image }) => sizeOrAbsent(image.SharedSize) },
      UniqueSize: {
        header: 'UNIQUE SIZE',
        value: ({ image }) => (image.SharedSize < 0 ? 'N/A' : humanSize(image.Size - image.SharedSize)),
      },
    },
    table: digests
      ? 'table {{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}'
      : 'table {{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}',
    type: '*formatter.imageContext',
  };
}
