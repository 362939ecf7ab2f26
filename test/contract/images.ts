import { describe, expect, it } from 'vitest';
import { type Asking, absent } from './asking.ts';

export function imageCases(ask: Asking): void {
  describe('images', () => {
    it('that are not there are missing, whatever is asked of them', async () => {
      for (const path of [`/images/${absent}/json`, `/images/${absent}/history`])
        expect(await ask('GET', path)).toMatchObject({
          status: 404,
          message: expect.stringContaining(`No such image: ${absent}`),
        });
    });

    it('that containers are made of are listed, and found by id', async () => {
      const container = await ask('POST', '/containers/create?name=contract-image', { Image: 'busybox' });
      expect(container).toMatchObject({ status: 201 });
      const { json } = await ask('GET', '/images/busybox/json');
      const { Id: id, RepoTags: tags } = json as { Id: string; RepoTags: readonly string[] };
      expect(tags).toContain('busybox:latest');
      const list = (await ask('GET', '/images/json')).json as readonly { Id: string; RepoTags: string[] }[];
      expect(list.find((image) => image.Id === id)?.RepoTags).toEqual(tags);
      expect(await ask('DELETE', '/containers/contract-image')).toMatchObject({ status: 204 });
    });
  });
}
