/** Packets that pass a link, as the ring of a packet socket has them. */
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { CapturedPacket, CaptureOptions, PacketCapture } from '../../src/kernel/capture/contract.ts';
import { parseDrop } from '../../src/kernel/capture/drops.ts';
import { compileFilter } from '../../src/kernel/capture/filter.ts';
import type { Namespace } from '../../src/kernel/kernel.ts';
import { packetText } from '../../src/net/packet-text.ts';
import { eventually } from '../eventually.ts';
import { openRig, uplink } from './rig.ts';

const rig = openRig();
const kernel = rig.kernel();
const all: CaptureOptions = { link: 0, filter: '', isBare: false, snaplen: 262_144, promiscuous: false };

/** Lines of what comes, until it is closed. */
function lines(namespace: Namespace, options: Partial<CaptureOptions>) {
  const seen: string[] = [];
  const visit = ({ data, isOutgoing, isBare, link }: CapturedPacket): void => {
    const name = namespace.route.findLinkByIndex(link)?.name;
    const text = packetText(Buffer.from(data), { isBare, nameOf: () => undefined });
    seen.push(`${name} ${isOutgoing ? 'out' : 'in'} ${text}`);
  };
  const capture: PacketCapture = kernel.packets.capture(namespace, { ...all, ...options }, () => {
    capture.read(visit);
    capture.whenReady();
  });
  capture.whenReady();
  return { seen, capture };
}

const ping = (...more: readonly string[]): string =>
  rig.run('outside', '/bin/busybox', 'ping', '-c1', '-W5', ...more, uplink.address);

describe('a capture', () => {
  test('sees both directions, of all links or of one, what fits its filter alone', async () => {
    const index = kernel.host.route.findLink(uplink.name)?.index ?? 0;
    const whole = lines(kernel.host, { filter: 'icmp' });
    const one = lines(kernel.host, { filter: 'icmp and src host 198.51.100.1', link: index });
    const other = lines(kernel.host, { filter: 'tcp' });
    ping();
    const text = `ICMP ${uplink.outside} > ${uplink.address} echo request`;
    await eventually(() => expect(whole.seen).toHaveLength(2));
    await eventually(() => expect(one.seen).toHaveLength(1));
    expect(whole.seen[0]).toContain(`up0 in ${text}`);
    expect(whole.seen[1]).toMatch(/^up0 out ICMP .* echo reply/);
    expect(one.seen[0]).toContain(text);
    expect(other.seen).toEqual([]);
    expect(whole.capture.counts()).toEqual({ packets: 2, dropped: 0 });
    for (const { capture } of [whole, one, other]) capture.close();
  });

  test('sees a packet over the loopback once', async () => {
    const { seen, capture } = lines(kernel.host, { filter: 'icmp[icmptype] == icmp-echo' });
    rig.run('host', '/bin/busybox', 'ping', '-c1', '127.0.0.1');
    await eventually(() => expect(seen).toHaveLength(1));
    await pause(120);
    expect(seen).toHaveLength(1);
    capture.close();
  });

  test('keeps the first bytes alone', async () => {
    const sizes: (readonly [number, number])[] = [];
    const capture = kernel.packets.capture(kernel.host, { ...all, filter: 'icmp', snaplen: 30 }, () =>
      capture.read(({ data, length }) => sizes.push([data.length, length])),
    );
    capture.whenReady();
    ping('-s', '100');
    await eventually(() => expect(sizes.length).toBeGreaterThan(0));
    expect(sizes[0]).toEqual([30, 142]);
    capture.close();
  });

  test('costs nobody anything where it is not read: the kernel drops, and counts', async () => {
    const capture = kernel.packets.capture(kernel.host, all, () => undefined);
    // 24 MB into a ring of 16, for an address that nobody has, so that nobody answers
    const mac = kernel.host.route.findLink(uplink.name)?.mac ?? '';
    rig.run('outside', 'ip', 'neigh', 'add', '198.51.100.77', 'lladdr', mac, 'dev', 'up1');
    const flood = 'dd if=/dev/zero bs=60000 count=400 >/dev/udp/198.51.100.77/9 2>/dev/null';
    rig.run('outside', 'bash', '-c', flood);
    const { packets, dropped } = capture.counts();
    expect(dropped).toBeGreaterThan(0);
    expect(packets).toBeGreaterThan(dropped);
    capture.close();
    // more than once is no error
    capture.close();
    expect(capture.counts()).toEqual({ packets, dropped });
  });

  test('says what is wrong with a filter, in libpcap’s words', () => {
    const broken = { ...all, filter: 'tcp prt 80' };
    expect(() => kernel.packets.capture(kernel.host, broken, () => undefined)).toThrow(
      'filter "tcp prt 80": ',
    );
  });

  test('of a link without Ethernet has another filter', () => {
    const compiled = (isBare: boolean) => compileFilter('icmp', { snaplen: 100, isBare });
    expect(compiled(true)).not.toEqual(compiled(false));
  });
});

/** A datagram that nobody waits for. */
const refused = (): string => rig.run('outside', 'bash', '-c', `echo x >/dev/udp/${uplink.address}/9`);

describe('drops', () => {
  test('are read from a line of the trace, those that are a loss', () => {
    const line = (reason: string): string =>
      `     curl-12 [000] b.s.. 49650.027892: kfree_skb: skbaddr=000000009f99b81b rx_sk=0000000000000000 protocol=2048 location=nf_hook_slow+0xa9/0x110 reason: ${reason}`;
    expect(parseDrop(line('NETFILTER_DROP'))).toEqual({
      ...{
        monotonic: 49_650_027_892_000n,
        reason: 'NETFILTER_DROP',
        at: 'nf_hook_slow+0xa9/0x110',
        protocol: 2048,
      },
    });
    expect(parseDrop(line('OTHERHOST'))).toBeUndefined();
    expect(parseDrop('# tracer: nop')).toBeUndefined();
  });

  test('are told with the kernel’s reason while somebody watches', async () => {
    const reasons: string[] = [];
    const stop = kernel.packets.watchDrops('/run', ({ reason, time }) => {
      expect(Math.abs(Number(time / 1_000_000n) - Date.now())).toBeLessThan(10_000);
      reasons.push(reason);
    });
    refused();
    await eventually(() => expect(reasons).toContain('NO_SOCKET'));
    stop();
    const before = reasons.length;
    refused();
    expect(reasons.length).toBe(before);
  });
});
