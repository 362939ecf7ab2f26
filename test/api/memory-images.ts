import { Readable } from 'node:stream';
import type { ImageVerbs } from '../../src/engine/image-verbs.ts';
import { fail } from '../../src/errors.ts';
import { busybox } from './records.ts';

/** One image is there. */
export function imageVerbs(calls: string[]): ImageVerbs {
  const get = (ref: string): typeof busybox => {
    if (ref !== 'busybox') throw fail('IMAGE_NOT_FOUND', ref);
    return busybox;
  };
  return {
    list: () => [{ image: busybox, containers: 1 }],
    get,
    ask: async (ref) => get(ref),
    async import(archive, options) {
      archive.resume();
      calls.push(`import ${options.reference}`);
      return busybox;
    },
    async load(archive, progress) {
      // as readers of archives do, it stops where something is wrong, in the middle
      for await (const chunk of archive.iterator({ destroyOnReturn: false }))
        if (String(chunk).startsWith('bad')) throw fail('IMAGE_INVALID', 'bad archive');
      progress({ stream: 'Loaded image: busybox:latest\n' });
    },
    async save(refs) {
      for (const ref of refs) if (ref !== 'busybox') throw fail('IMAGE_NOT_FOUND', ref);
      return Readable.from(['tar']);
    },
    async pull(ref, _options, progress) {
      progress({ status: `Pulling ${ref}` });
      throw fail('IMAGE_NOT_FOUND', ref);
    },
    async push(ref, _options, progress) {
      progress({ status: `Pushing ${ref}` });
      throw fail('IMAGE_NOT_FOUND', ref);
    },
    async lookUp(ref, { auth }) {
      calls.push(`lookUp ${ref} ${auth?.username ?? 'nobody'}`);
      const platforms = ref.endsWith(':many') ? [{ architecture: 'arm64', os: 'linux', variant: 'v8' }] : [];
      return { mediaType: 'm', digest: 'sha256:d', size: 7, platforms };
    },
    async signIn(address, auth) {
      calls.push(`signIn ${address} ${auth.username}`);
    },
    async tag(ref, reference) {
      calls.push(`tag ${ref} ${reference}`);
    },
    remove: async (ref) => [{ untagged: ref }],
    prune: async () => ({ removed: [], bytes: 0 }),
  };
}
