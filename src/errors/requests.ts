/** Errors of requests in general. */
import { type Entry, q } from './entry.ts';

export const requestErrors = {
  ROUTE_NOT_FOUND: ['notFound', (): string => 'page not found'],
  BAD_REQUEST: ['invalid', (why: string): string => why],
  ENGINE_ENDS: ['unavailable', (): string => 'the engine is ending'],
  BODY_TOO_LARGE: [
    'tooLarge',
    (limit: number): string => `request body too large: the limit is ${limit} bytes`,
  ],
  API_TOO_OLD: [
    'invalid',
    (asked: string, min: string): string =>
      `client version ${asked} is too old. Minimum supported API version is ${min}, please upgrade your client to a newer version`,
  ],
  API_TOO_NEW: [
    'invalid',
    (asked: string, max: string): string =>
      `client version ${asked} is too new. Maximum supported API version is ${max}`,
  ],
  NOT_SUPPORTED: ['notImplemented', (what: string): string => `${what} is not supported by seaway`],
  BUILD_NOT_SUPPORTED: [
    'notImplemented',
    (): string =>
      'docker build is not supported by seaway: build the image elsewhere (docker, buildah, podman) and bring it here with docker load',
  ],
  CAPTURE_UNKNOWN: [
    'notFound',
    (what: string): string =>
      `nothing to capture: no container, network, published port or link of this host is named ${q(what)}`,
  ],
  CAPTURE_NOT_UP: [
    'conflict',
    (container: string): string => `container ${container} is on no network: start it, then capture`,
  ],
  CAPTURE_NO_LINK: [
    'conflict',
    (network: string): string =>
      `network ${network} has no link on this host: capture a container on it, or its parent link`,
  ],
  CAPTURE_FILTER_INVALID: ['invalid', (filter: string, why: string): string => `filter ${q(filter)}: ${why}`],
  CAPTURE_NO_LIBPCAP: [
    'unavailable',
    (): string => 'filters are compiled by libpcap, which is not installed: apt-get install libpcap0.8',
  ],
  CAPTURE_NO_DROPS: [
    'unavailable',
    (why: string): string => `the kernel does not tell which packets it drops (skb:kfree_skb): ${why}`,
  ],
  PAGE_NOT_BUILT: [
    'unavailable',
    (): string => 'the files of the page are missing: npm run build makes them',
  ],
  PAGE_PORT: [
    'conflict',
    (port: number, why: string): string => `the page cannot be served on port ${port} of 127.0.0.1: ${why}`,
  ],
  EXPLAIN_UNKNOWN: [
    'notFound',
    (name: string): string =>
      `no container, service, network or address is called ${q(name)}: nothing can be sent from it`,
  ],
  EXPLAIN_ELSEWHERE: [
    'invalid',
    (name: string, host: string): string => `${name} runs on host ${host}: ask the engine there`,
  ],
  EXPLAIN_BESIDE: [
    'invalid',
    (name: string, driver: string): string =>
      `packets from outside to ${name} do not pass this host (${driver}): ask on the other host`,
  ],
  EXPLAIN_FAMILIES: [
    'invalid',
    (from: string, to: string): string =>
      `nothing from ${from} reaches ${to}: the addresses are of two families`,
  ],
  EXPLAIN_NO_UPLINK: [
    'conflict',
    (address: string): string => `this host has no route to ${address}, so nothing arrives from there`,
  ],
} as const satisfies Record<string, Entry>;
