import { describe, expect, it } from 'vitest';
import {
  capabilitiesOfMask,
  capabilityNames,
  containerCapabilities,
  defaultCapabilities,
} from './capabilities.ts';

const ask = { privileged: false, add: [], drop: [], available: capabilityNames };

describe('capabilities of a container', () => {
  it('are the fourteen of Docker by default', () => {
    const mask = containerCapabilities(ask).reduce(
      (sum, name) => sum | (1n << BigInt(capabilityNames.indexOf(name))),
      0n,
    );
    expect(mask).toBe(0xa80425fbn);
    expect(defaultCapabilities).toHaveLength(14);
  });

  it.each([
    [{ add: ['net_admin'] }, 15],
    [{ add: ['CAP_NET_ADMIN', 'sys_time'] }, 16],
    [{ drop: ['chown', 'KILL'] }, 12],
    [{ drop: ['ALL'] }, 0],
    [{ drop: ['ALL'], add: ['CHOWN'] }, 1],
    [{ drop: ['CHOWN'], add: ['CHOWN'] }, 14],
    [{ add: ['ALL'] }, 41],
    [{ add: ['ALL'], drop: ['SYS_ADMIN'] }, 40],
    [{ privileged: true, drop: ['ALL'] }, 41],
  ])('%j are %i', (change, count) => {
    expect(containerCapabilities({ ...ask, ...change })).toHaveLength(count);
  });

  it('are never more than the engine has', () => {
    const available = capabilityNames.filter((name) => name !== 'CAP_SYS_RESOURCE');
    const granted = containerCapabilities({ ...ask, privileged: true, available });
    expect(granted).toEqual(available);
    expect(containerCapabilities({ ...ask, available: ['CAP_CHOWN'] })).toEqual(['CAP_CHOWN']);
  });

  it('that are not known are refused by name', () => {
    expect(() => containerCapabilities({ ...ask, add: ['FLY'] })).toThrow(
      'invalid CapAdd: unknown capability: "CAP_FLY"',
    );
  });

  it('are read from the mask of the kernel', () => {
    expect(capabilitiesOfMask(0x3n)).toEqual(['CAP_CHOWN', 'CAP_DAC_OVERRIDE']);
    expect(capabilitiesOfMask(0x1fffeffffffn)).not.toContain('CAP_SYS_RESOURCE');
    expect(capabilitiesOfMask(0x1ffffffffffn)).toEqual(capabilityNames);
  });
});
