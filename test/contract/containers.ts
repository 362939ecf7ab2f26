import { describe, expect, it } from 'vitest';
import { type Asking, absent } from './asking.ts';

const name = 'contract-container';

export function containerCases(ask: Asking): void {
  const inspect = (ref: string) => ask('GET', `/containers/${ref}/json`);

  describe('containers', () => {
    it('are made, found, run, and gone', async () => {
      const asked = { Image: 'busybox', Cmd: ['sleep', '1000'], Labels: { a: 'b' } };
      const made = await ask('POST', `/containers/create?name=${name}`, asked);
      expect(made).toMatchObject({ status: 201, json: { Id: expect.stringMatching(/^[0-9a-f]{64}$/) } });
      const { Id: id } = made.json as { Id: string };
      for (const ref of [name, id, id.slice(0, 12)])
        expect(await inspect(ref)).toMatchObject({
          status: 200,
          json: { Id: id, Name: `/${name}`, State: { Status: 'created' }, Config: { Labels: { a: 'b' } } },
        });
      expect(await ask('POST', `/containers/${name}/start`)).toMatchObject({ status: 204, text: '' });
      expect(await ask('POST', `/containers/${name}/start`)).toMatchObject({ status: 304, text: '' });
      expect(await inspect(name)).toMatchObject({ json: { State: { Status: 'running', Running: true } } });
      const list = (await ask('GET', '/containers/json')).json as readonly { Id: string; State: string }[];
      expect(list.find((each) => each.Id === id)?.State).toBe('running');
      expect(await ask('DELETE', `/containers/${name}`)).toMatchObject({
        status: 409,
        message: expect.stringContaining(`cannot remove container "${name}": container is running`),
      });
      expect(await ask('DELETE', `/containers/${name}?force=1`)).toMatchObject({ status: 204, text: '' });
      expect(await inspect(name)).toMatchObject({ status: 404 });
    });

    it('have a name that no other has, and an image that is there', async () => {
      const path = '/containers/create?name=contract-taken';
      const { json } = await ask('POST', path, { Image: 'busybox' });
      expect(await ask('POST', path, { Image: 'busybox' })).toMatchObject({
        status: 409,
        message: expect.stringMatching(/^Conflict\. The container name "\/contract-taken" is already in use/),
      });
      await ask('DELETE', `/containers/${(json as { Id: string }).Id}`);
      expect(await ask('POST', '/containers/create', { Image: absent })).toMatchObject({
        status: 404,
        message: expect.stringContaining(`No such image: ${absent}`),
      });
    });

    const verbs = [
      'start',
      'stop',
      'restart',
      'kill',
      'pause',
      'unpause',
      'wait',
      'rename?name=x',
      'resize?h=1&w=1',
    ];
    const questions = ['json', 'logs?stdout=1', 'top', 'changes', 'archive?path=/'];
    it.each([
      ...verbs.map((verb) => ['POST', verb]),
      ...questions.map((question) => ['GET', question]),
      ['DELETE', ''],
    ])('that are not there are missing: %s %s', async (method, what) => {
      const path = `/containers/${absent}${what && `/${what}`}`;
      expect(await ask(method, path)).toMatchObject({
        status: 404,
        message: expect.stringMatching(new RegExp(`No such container: ${absent}$`)),
      });
    });
  });
}
