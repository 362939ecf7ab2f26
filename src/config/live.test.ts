import { expect, test } from 'vitest';
import { parseDaemonArguments } from './daemon.ts';
import { liveConfig } from './live.ts';

const read = (file: object) => parseDaemonArguments([], () => JSON.stringify(file));

test('what may change is taken on, in the record that readers have', () => {
  const live = liveConfig(read({ labels: ['rack=1'] }));
  const { config } = live;
  const next = { labels: ['rack=2'], debug: true, 'insecure-registries': ['r.example:5000'] };
  expect(live.reload(read(next))).toEqual([]);
  expect(config).toMatchObject({ labels: ['rack=2'], debug: true, insecureRegistries: ['r.example:5000'] });
});

test('what was taken out of the file has its default again', () => {
  const live = liveConfig(read({ debug: true, labels: ['a=b'] }));
  live.reload(read({}));
  expect(live.config).toMatchObject({ debug: false, logLevel: 'info', labels: [] });
});

test('what waits for the next start is named, and stays', () => {
  const live = liveConfig(read({ bip: '10.9.0.1/24' }));
  expect(live.reload(read({ bip: '10.8.0.1/24', mtu: 1400, debug: true }))).toEqual(['bridge']);
  expect(live.config.bridge.bip).toBe('10.9.0.1/24');
  expect(live.config.debug).toBe(true);
});
