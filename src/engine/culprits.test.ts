import { expect, it } from 'vitest';
import { Culprits } from './culprits.ts';

const someone = { pid: 1 << 30, name: 'nft' };

it('names the program that the kernel told of, until its events were followed', async () => {
  const culprits = new Culprits(async () => []);
  culprits.note(['firewall'], someone);
  expect(await culprits.tell(culprits.take('firewall'))).toBe(`nft (process ${1 << 30})`);
  expect(culprits.take('firewall')).toEqual([]);
});

it('prefers another program to one that the engine runs as well, and never names the engine', async () => {
  const culprits = new Culprits(async () => []);
  culprits.note(['firewall'], someone);
  culprits.note(['firewall'], { pid: 5, name: 'iptables-restore' });
  culprits.note(['firewall'], { pid: process.pid, name: 'seawayd' });
  expect(await culprits.tell(culprits.take('firewall'))).toContain('nft ');
  culprits.note(['firewall'], { pid: 5, name: 'iptables-restore' });
  expect(await culprits.tell(culprits.take('firewall'))).toContain('iptables-restore ');
});

it('says that a process has ended whose name nobody knows', async () => {
  const culprits = new Culprits(async () => []);
  culprits.note(['network:1'], { pid: 1 << 30 });
  expect(await culprits.tell(culprits.take('network:1'))).toBe(`process ${1 << 30}, which has ended`);
});

it('without a sender suspects who manages networks on this host, and asks for them once in a while', async () => {
  let asked = 0;
  const culprits = new Culprits(async () => {
    asked++;
    return ['NetworkManager', 'firewalld'];
  });
  expect(await culprits.tell([])).toBe('probably NetworkManager or firewalld');
  await culprits.tell([]);
  expect(asked).toBe(1);
  expect(await new Culprits(async () => []).tell([])).toBe('an unknown program');
});

it('keeps nothing of scopes that are gone', () => {
  const culprits = new Culprits(async () => []);
  culprits.note(['sandbox:1', 'sandbox:2'], someone);
  culprits.forgetScopes((scope) => scope === 'sandbox:2');
  expect(['sandbox:1', 'sandbox:2'].map((scope) => culprits.take(scope).length)).toEqual([0, 1]);
});
