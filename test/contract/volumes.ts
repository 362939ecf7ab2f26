import { describe, expect, it } from 'vitest';
import { type Asking, absent } from './asking.ts';

const name = 'contract-volume';

export function volumeCases(ask: Asking): void {
  describe('volumes', () => {
    it('are made, made once, and gone', async () => {
      const made = await ask('POST', '/volumes/create', { Name: name, Labels: { a: 'b' } });
      expect(made).toMatchObject({ status: 201, json: { Name: name, Driver: 'local', Labels: { a: 'b' } } });
      expect(await ask('POST', '/volumes/create', { Name: name })).toMatchObject({ json: made.json });
      const { json } = await ask('GET', '/volumes');
      const { Volumes: volumes } = json as { Volumes: readonly { Name: string }[] };
      expect(volumes.map(({ Name }) => Name)).toContain(name);
      expect(await ask('GET', `/volumes/${name}`)).toMatchObject({ status: 200, json: { Name: name } });
      expect(await ask('DELETE', `/volumes/${name}`)).toMatchObject({ status: 204, text: '' });
      expect(await ask('GET', `/volumes/${name}`)).toMatchObject({ status: 404 });
    });

    it('that are not there are missing, but by force', async () => {
      const missing = { status: 404, message: `get ${absent}: no such volume` };
      expect(await ask('GET', `/volumes/${absent}`)).toMatchObject(missing);
      expect(await ask('DELETE', `/volumes/${absent}`)).toMatchObject(missing);
      expect(await ask('DELETE', `/volumes/${absent}?force=1`)).toMatchObject({ status: 204 });
    });
  });
}
