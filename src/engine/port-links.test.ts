import { expect, it, vi } from 'vitest';
import { world } from '../../test/model/fixture.ts';
import { openSandbox } from '../model/sandboxes.ts';
import { createLogger } from '../observe/logger.ts';
import { Retries } from '../reconcile/retries.ts';
import { PortLinks } from './port-links.ts';

it('ports that could not follow their link are told as degraded, and tried again', async () => {
  vi.useFakeTimers();
  const { model, container, sandboxContext } = world();
  const PortBindings = { '80/tcp': [{ HostIp: 'eth0', HostPort: '8080' }] };
  const web = container('web', { hostConfig: { PortBindings } });
  container('other');
  model.apply(openSandbox(model, web, sandboxContext).changes);
  const run = vi.fn().mockRejectedValueOnce(new Error('the disk is full')).mockResolvedValue(undefined);
  const logger = createLogger('fatal');
  const retries = new Retries(logger);
  const links = new PortLinks({ model, queue: { run }, retries, logger } as never);
  await links.look();
  expect(retries.list()).toMatchObject([{ name: 'ports of container web', error: 'the disk is full' }]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(run).toHaveBeenCalledTimes(2);
  expect(retries.list()).toEqual([]);
  links.close();
  vi.useRealTimers();
});
