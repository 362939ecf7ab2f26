import { describe, expect, it } from 'vitest';
import { type Asking, absent } from './asking.ts';

const name = 'contract-network';

export function networkCases(ask: Asking): void {
  const idOf = async (ref: string): Promise<unknown> =>
    ((await ask('GET', `/networks/${ref}`)).json as { Id?: string }).Id;

  describe('networks', () => {
    it('are found by name, id and the beginning of an id', async () => {
      const id = String(await idOf('bridge'));
      expect(id).toMatch(/^[0-9a-f]{64}$/);
      expect([await idOf(id), await idOf(id.slice(0, 12))]).toEqual([id, id]);
      const { json } = await ask('GET', '/networks');
      expect((json as { Name: string }[]).map(({ Name }) => Name)).toContain('bridge');
    });

    it('are made, there, and gone', async () => {
      const made = await ask('POST', '/networks/create', { Name: name, Internal: true, Labels: { a: 'b' } });
      expect(made).toMatchObject({ status: 201, json: { Id: expect.stringMatching(/^[0-9a-f]{64}$/) } });
      expect(await ask('GET', `/networks/${name}`)).toMatchObject({
        status: 200,
        json: { Name: name, Internal: true, Labels: { a: 'b' }, Driver: 'bridge', Containers: {} },
      });
      expect(await ask('POST', '/networks/create', { Name: name })).toMatchObject({
        status: 409,
        message: `network with name ${name} already exists`,
      });
      expect(await ask('DELETE', `/networks/${name}`)).toMatchObject({ status: 204, text: '' });
      expect(await ask('GET', `/networks/${name}`)).toMatchObject({
        status: 404,
        message: `network ${name} not found`,
      });
    });

    it('that are predefined stay', async () => {
      expect(await ask('DELETE', '/networks/bridge')).toMatchObject({
        status: 403,
        message: 'bridge is a pre-defined network and cannot be removed',
      });
    });

    it('that are not there are missing, whatever is asked of them', async () => {
      const message = `network ${absent} not found`;
      for (const [method, path] of [
        ['GET', `/networks/${absent}`],
        ['DELETE', `/networks/${absent}`],
      ] as const)
        expect(await ask(method, path)).toMatchObject({ status: 404, message });
    });
  });
}
