import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { HostSettings } from './host-settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'seaway-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

const key = 'net/bridge/bridge-nf-call-iptables';
const threshold = 'net/ipv4/neigh/default/gc_thresh3';

function hostOf(values: Record<string, string>) {
  return {
    readSysctl: (name: string) => values[name],
    writeSysctl(name: string, value: string) {
      values[name] = value;
    },
  };
}

it('gives back what a setting was before its first change, also by another engine', () => {
  const values = { [key]: '0', [threshold]: '1024' };
  const path = join(folder, 'back', 'settings.json');
  const first = new HostSettings(path, hostOf(values));
  first.writeSysctl(threshold, '2048');
  first.writeSysctl(threshold, '4096');
  first.writeSysctl(key, '1');
  expect(values).toEqual({ [key]: '1', [threshold]: '4096' });
  expect(new HostSettings(path, hostOf(values)).giveBack()).toEqual([]);
  expect(values).toEqual({ [key]: '0', [threshold]: '1024' });
});

it('leaves what was so before, and what somebody else has set since', () => {
  const values = { [key]: '1', [threshold]: '1024' };
  const settings = new HostSettings(join(folder, 'left.json'), hostOf(values));
  settings.writeSysctl(key, '1');
  settings.writeSysctl(threshold, '2048');
  values[key] = '0';
  values[threshold] = '9999';
  settings.giveBack();
  expect(values).toEqual({ [key]: '0', [threshold]: '9999' });
});

it('knows nothing of a file that is damaged', () => {
  const path = join(folder, 'damaged.json');
  writeFileSync(path, `{"${key}":`);
  const values = { [key]: '1' };
  expect(new HostSettings(path, hostOf(values)).giveBack()).toEqual([]);
  expect(values).toEqual({ [key]: '1' });
});
