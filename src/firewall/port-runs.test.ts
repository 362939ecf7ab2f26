import { describe, expect, it } from 'vitest';
import type { PublishedPort } from './input.ts';
import { openRuns, publishedRuns } from './port-runs.ts';

const port = (hostPort: number, containerPort: number, more: Partial<PublishedPort> = {}): PublishedPort => ({
  link: 'docker0',
  protocol: 'tcp',
  hostIP: '0.0.0.0',
  address: '172.17.0.2',
  hostPort,
  containerPort,
  ...more,
});

/** `8000-8002>80-82` for a range, `8000>80` for one port. */
const shown = (ports: readonly PublishedPort[]): readonly string[] =>
  ports.map(({ hostPort, hostPortEnd, containerPort, containerPortEnd }) => {
    const ends = (first: number, last?: number) => (last === undefined ? first : `${first}-${last}`);
    return `${ends(hostPort, hostPortEnd)}>${ends(containerPort, containerPortEnd)}`;
  });

const runs = (...ports: readonly PublishedPort[]): readonly string[] => shown(publishedRuns(ports));

describe('published ports', () => {
  it('that follow each other on both sides are one range, in whatever order they come', () => {
    expect(runs(port(8001, 81), port(8000, 80), port(8002, 82))).toEqual(['8000-8002>80-82']);
  });

  it.each([
    ['with a gap', port(8002, 82)],
    ['of another protocol', port(8001, 81, { protocol: 'udp' })],
    ['on another address', port(8001, 81, { hostIP: '127.0.0.1' })],
    ['of another container', port(8001, 81, { address: '172.17.0.3' })],
    ['of another policy', port(8001, 81, { policy: 'host' })],
    ['that lead backwards', port(8001, 79)],
  ])('%s stay apart', (_, other) => {
    expect(publishedRuns([port(8000, 80), other])).toHaveLength(2);
  });

  it('that lead to one port of the container stay apart', () => {
    expect(runs(port(8000, 80), port(8001, 80))).toEqual(['8000>80', '8001>80']);
  });

  it('without a port on the host are a range of the container alone', () => {
    expect(runs(port(0, 80), port(0, 81), port(0, 83))).toEqual(['0>80-81', '0>83']);
  });
});

it('10,000 ports are one range', () => {
  const ports = Array.from({ length: 10_000 }, (_, n) => port(10_000 + n, 10_000 + n));
  expect(runs(...ports)).toEqual(['10000-19999>10000-19999']);
});

it('ports that are open at an address are ranges as well, each port once', () => {
  const open = [81, 80, 80, 90].map((containerPort) => {
    const { hostIP, hostPort, ...rest } = port(0, containerPort);
    return rest;
  });
  expect(
    openRuns(open).map(({ containerPort, containerPortEnd }) => [containerPort, containerPortEnd]),
  ).toEqual([
    [80, 81],
    [90, undefined],
  ]);
});
