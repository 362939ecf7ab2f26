import { describe, expect, it } from 'vitest';
import {
  choosePlatform,
  type Index,
  imagesOfIndex,
  nameOf,
  parseManifest,
  parseSavedImages,
} from './manifest.ts';
import { matches, parsePlatform } from './platform.ts';

const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const one = (digit: string, more: object = {}): object => ({
  mediaType: 'm',
  digest: digest(digit),
  size: 1,
  ...more,
});
const index = (...manifests: object[]): Index =>
  parseManifest(json({ schemaVersion: 2, manifests })) as Index;
const at = (architecture: string, variant?: string): object => ({
  platform: { os: 'linux', architecture, variant },
});
const amd64 = { os: 'linux', architecture: 'amd64', variant: '' };

describe('manifests', () => {
  it('are manifests or indexes', () => {
    expect(parseManifest(json({ config: one('1'), layers: [one('2')] }))).toMatchObject({
      kind: 'manifest',
      config: { digest: digest('1') },
      layers: [{ digest: digest('2') }],
    });
  });

  it.each([
    ['nothing', {}, 'neither layers nor manifests'],
    ['schema 1', { schemaVersion: 1 }, 'schema version 1'],
    ['a bad digest', { config: { digest: 'sha256:../../x' }, layers: [] }, 'invalid digest'],
    ['no config', { layers: [] }, 'malformed descriptor'],
  ])('%s is refused', (_, value, why) => {
    expect(() => parseManifest(json(value))).toThrow(why);
  });

  it('of several platforms this one is chosen', () => {
    const all = index(one('1', at('arm64', 'v8')), one('2', at('amd64')), one('3', at('arm', 'v7')));
    expect(choosePlatform(all, amd64).digest).toBe(digest('2'));
    expect(choosePlatform(all, parsePlatform('linux/arm64')).digest).toBe(digest('1'));
    expect(() => choosePlatform(all, parsePlatform('linux/s390x'))).toThrow(
      'no matching manifest for linux/s390x in the manifest list entries',
    );
  });

  it('attestations are no images', () => {
    const all = index(
      one('1', at('amd64')),
      one('2', { platform: { os: 'unknown', architecture: 'unknown' } }),
    );
    expect(imagesOfIndex(all, amd64)).toHaveLength(1);
  });

  it('an archive of two names is two images, of two platforms one', () => {
    const named = (name: string): object => ({ annotations: { 'io.containerd.image.name': name } });
    expect(imagesOfIndex(index(one('1', named('a')), one('2', named('b'))), amd64)).toHaveLength(2);
    expect(
      imagesOfIndex(index(one('1', at('arm64')), one('2', at('amd64'))), amd64).map((d) => d.digest),
    ).toEqual([digest('2')]);
  });

  it('a bare tag is no name', () => {
    const ref = (name: string) =>
      index(one('1', { annotations: { 'org.opencontainers.image.ref.name': name } }));
    expect(ref('latest').manifests.map(nameOf)).toEqual(['']);
    expect(ref('busybox:1').manifests.map(nameOf)).toEqual(['busybox:1']);
  });

  it('manifest.json is checked', () => {
    expect(parseSavedImages(json([{ Config: 'c', RepoTags: null, Layers: ['l'] }]))).toEqual([
      { config: 'c', tags: [], layers: ['l'], parent: '' },
    ]);
    for (const bad of [{}, [{}], [{ Config: 'c', Layers: [1] }]])
      expect(() => parseSavedImages(json(bad))).toThrow('invalid manifest.json');
    expect(() => parseSavedImages(Buffer.from('{'))).toThrow('not JSON');
  });
});

describe('platforms', () => {
  it('an unsaid variant is the usual one', () => {
    expect(matches({ os: 'linux', architecture: 'arm64', variant: 'v8' }, parsePlatform('linux/arm64'))).toBe(
      true,
    );
    expect(matches({ os: 'linux', architecture: 'arm', variant: 'v6' }, parsePlatform('linux/arm/v7'))).toBe(
      false,
    );
    expect(parsePlatform('linux/x86_64').architecture).toBe('amd64');
    expect(() => parsePlatform('a b')).toThrow('invalid OS component');
  });
});
