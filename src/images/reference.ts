/**
 * References of images: parsed and normalised as Docker does.
 * Grammar: https://pkg.go.dev/github.com/distribution/reference
 * `busybox` is `docker.io/library/busybox`, shown as `busybox` (the familiar form).
 */
import { fail } from '../errors.ts';

const defaultDomain = 'docker.io';
const oldDefaultDomain = 'index.docker.io';
const officialPrefix = 'library/';
const longestName = 255;

/** A normalised reference. */
export interface Reference {
  /** `docker.io`, `localhost:5000`. */
  readonly domain: string;
  /** `library/busybox`. */
  readonly path: string;
  /** '' for none. */
  readonly tag: string;
  /** `sha256:...`; '' for none. */
  readonly digest: string;
}

const domainLabel = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const domainPattern = new RegExp(
  `^(?:${domainLabel}(?:\\.${domainLabel})*|\\[(?:[a-fA-F0-9:]+)\\])(?::[0-9]+)?$`,
);
const pathPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const digestPattern = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;

const refuse = (why: string): Error => fail('BAD_REQUEST', why);
const badFormat = (): Error => refuse('invalid reference format');

/** Throws BAD_REQUEST in Docker's words. */
export function parseReference(text: string): Reference {
  if (/^[a-f0-9]{64}$/.test(text))
    throw refuse(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  const { name, tag, digest } = split(text);
  const { domain, path } = splitDomain(name);
  if (path !== path.toLowerCase())
    throw refuse(`invalid reference format: repository name (${path}) must be lowercase`);
  if (!domainPattern.test(domain) || !pathPattern.test(path)) throw badFormat();
  if (domain.length + 1 + path.length > longestName)
    throw refuse(`repository name must not be more than ${longestName} characters`);
  if (tag !== undefined && !tagPattern.test(tag)) throw badFormat();
  if (digest !== undefined) checkDigest(digest);
  return { domain, path, tag: tag ?? '', digest: digest ?? '' };
}

function split(text: string): { name: string; tag?: string; digest?: string } {
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const named = at < 0 ? text : text.slice(0, at);
  // a colon before the last slash starts a port
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  const name = colon < 0 ? named : named.slice(0, colon);
  return {
    name,
    ...(colon < 0 ? {} : { tag: named.slice(colon + 1) }),
    ...(digest === undefined ? {} : { digest }),
  };
}

function splitDomain(name: string): { domain: string; path: string } {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const isHost = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  const asked = isHost ? first : defaultDomain;
  const domain = asked === oldDefaultDomain ? defaultDomain : asked;
  const path = isHost ? name.slice(slash + 1) : name;
  return {
    domain,
    path: domain === defaultDomain && !path.includes('/') ? officialPrefix + path : path,
  };
}

function checkDigest(digest: string): void {
  if (!digestPattern.test(digest)) throw badFormat();
  if (digest.startsWith('sha256:') && !/^sha256:[a-f0-9]{64}$/.test(digest))
    throw refuse('invalid checksum digest length');
}

/** Adds the tag `latest` where it has neither tag nor digest. */
export function withDefaultTag(reference: Reference): Reference {
  return reference.tag || reference.digest ? reference : { ...reference, tag: 'latest' };
}

/** The repository as Docker shows it: `busybox`, `someone/app`, `localhost:5000/app`. */
export function familiarName(reference: Reference): string {
  if (reference.domain !== defaultDomain) return `${reference.domain}/${reference.path}`;
  const short = reference.path.slice(officialPrefix.length);
  return reference.path.startsWith(officialPrefix) && !short.includes('/') ? short : reference.path;
}

/** As Docker shows it: `busybox:latest`, `localhost:5000/app@sha256:...`. */
export function familiar(reference: Reference): string {
  return familiarName(reference) + suffix(reference);
}

/** In full: `docker.io/library/busybox:latest`. */
export function canonical(reference: Reference): string {
  return `${reference.domain}/${reference.path}${suffix(reference)}`;
}

function suffix({ tag, digest }: Reference): string {
  return (tag ? `:${tag}` : '') + (digest ? `@${digest}` : '');
}

/** A new name for an image, which must not have a digest, as in Docker. */
export function parseTag(text: string): string {
  const reference = parseReference(text);
  if (reference.digest) throw refuse('refusing to create a tag with a digest reference');
  return familiar(withDefaultTag(reference));
}

/** The repository part of a familiar name with tag or digest. */
export function repositoryOf(name: string): string {
  return familiarName(parseReference(name));
}

/**
 * The registry of a client's address: a host with or without scheme and path. An empty address and Docker
 * Hub's old one (`https://index.docker.io/v1/`) mean Docker Hub.
 */
export function registryOf(address: string): string {
  const host = address.replace(/^https?:\/\//, '').replace(/\/.*$/s, '');
  if (host === '' || host === oldDefaultDomain) return defaultDomain;
  if (!domainPattern.test(host)) throw refuse(`invalid registry address "${address}"`);
  return host;
}
