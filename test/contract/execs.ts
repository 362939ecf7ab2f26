import { describe, expect, it } from 'vitest';
import { type Asking, absent } from './asking.ts';

export function execCases(ask: Asking): void {
  describe('further processes', () => {
    it('want a container that is there and a command', async () => {
      expect(await ask('POST', `/containers/${absent}/exec`, { Cmd: ['true'] })).toMatchObject({
        status: 404,
        message: `No such container: ${absent}`,
      });
      await ask('POST', '/containers/create?name=contract-exec', { Image: 'busybox' });
      expect(await ask('POST', '/containers/contract-exec/exec', { Cmd: [] })).toMatchObject({
        status: 400,
        message: 'No exec command specified',
      });
      await ask('DELETE', '/containers/contract-exec');
    });

    it('that are not there are missing', async () => {
      const missing = { status: 404, message: `No such exec instance: ${absent}` };
      expect(await ask('GET', `/exec/${absent}/json`)).toMatchObject(missing);
    });
  });
}
